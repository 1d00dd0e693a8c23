/**
 * What the stores hold of a partition, and the background work that keeps it in shape.
 *
 * <p>{@link io.kafscale.log.segment.StoredPartition} is the partition without its live state: the record in the metadata store, the
 * {@link io.kafscale.log.segment.WaitingChunks} that are durable in the WAL but in no segment yet, and the
 * {@link io.kafscale.log.segment.SegmentCatalog} of the segments below them. {@link io.kafscale.log.segment.SegmentWriter} moves
 * the border between the two: it takes waiting chunks from memory or from WAL objects, publishes {@code .kfs} and {@code .index},
 * and compares-and-sets the segment end. {@link io.kafscale.log.segment.Retention} moves the log start and lets
 * {@link io.kafscale.log.segment.ObjectCollector} delete what lies below, after a grace.
 *
 * <p>{@link io.kafscale.log.segment.SegmentIndexes} reads indexes and rebuilds one that is missing, torn or of another file from its
 * segment. {@link io.kafscale.log.segment.ProducerSnapshots} finds the producer state at the segment end in them.
 *
 * <p>Everything belongs to the log loop; futures complete on it. CPU work over whole segments is handed to an executor.
 */
@NullMarked
package io.kafscale.log.segment;

import org.jspecify.annotations.NullMarked;
