/**
 * One partition that this broker leads: {@link io.kafscale.log.partition.PartitionLog}, the live half on top of what the stores
 * hold of it ({@link io.kafscale.log.segment.StoredPartition}).
 *
 * <p>An append is checked against {@link io.kafscale.log.partition.ProducerStates}, gets its offsets written into its batches, goes
 * into the open WAL object and is parked among the {@link io.kafscale.log.partition.DurableWaiters} until the high watermark has
 * passed it. Its bytes stay in the {@link io.kafscale.log.partition.Tail} for readers at the end of the log, within the bound of
 * {@link io.kafscale.log.partition.TailCache} over all partitions. {@link io.kafscale.log.partition.EpochStarts} knows where leader
 * epochs above the segment end began.
 *
 * <p>Opening needs nothing but the partition record and the footers of WAL objects: no record is read, and no count survives from
 * an earlier leadership of the same broker. What is in older indexes (producer state) is read only before the first idempotent
 * append.
 *
 * <p>Everything belongs to the log loop.
 */
@NullMarked
package io.kafscale.log.partition;

import org.jspecify.annotations.NullMarked;
