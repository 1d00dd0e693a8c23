/**
 * The write-ahead log: one stream of objects per broker incarnation, shared by all its partitions.
 *
 * <p>{@link io.kafscale.log.wal.ChunkOwner} is a partition's side of it, {@link io.kafscale.log.wal.ChunkRef} what it gets back once
 * its batches are durable.
 */
@NullMarked
package io.kafscale.log.wal;

import org.jspecify.annotations.NullMarked;
