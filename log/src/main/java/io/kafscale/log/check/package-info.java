/**
 * Looks through a whole namespace, bucket and metadata, for what is damaged, missing or left over, while brokers work on it.
 *
 * <p>Start at {@link io.kafscale.log.check.NamespaceCheck}. It reads the metadata, then walks the bucket: a {@code StreamCheck} for each
 * WAL stream, a {@code PartitionCheck} (with a {@code SegmentCheck} for each segment) for each directory of a partition, and compares
 * both with what the {@code MetadataCheck} knows. Nothing it sees is news at once: what looks wrong is a {@code Suspect}, and only what
 * still contradicts the metadata when that is read again at the end becomes a {@link io.kafscale.log.check.Finding}, because facts in
 * the metadata are what allows brokers to delete. {@link io.kafscale.log.check.NamespaceRepair} does what can be done without risk.
 *
 * <p>Everything runs on one event loop with a bounded number of requests under way. Memory is bounded by the largest partition and by
 * the write-ahead log that is not in segments yet, not by the bucket.
 */
@NullMarked
package io.kafscale.log.check;

import org.jspecify.annotations.NullMarked;
