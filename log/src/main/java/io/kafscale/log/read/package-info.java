/**
 * Reading: from an offset to bytes, wherever they are.
 *
 * <p>{@link io.kafscale.log.read.FetchPlanner} takes a fetch over many partitions, decides what each may get, and parks it as a
 * {@link io.kafscale.log.read.FetchWaiter} where there is not enough yet. {@link io.kafscale.log.read.LogReader} resolves one
 * partition's offset: memory first (no request at all), then the WAL objects that hold waiting chunks, then segments. What was
 * read stays in the {@link io.kafscale.log.read.BlockCache}; {@link io.kafscale.log.read.BatchRun} is a piece of it whose batches
 * have been verified once. {@link io.kafscale.log.read.OffsetLookup} finds offsets by time, {@link
 * io.kafscale.log.read.EpochLookup} the ends of leader epochs.
 *
 * <p>Nothing beyond the high watermark is ever returned, and nothing damaged: a batch whose bytes are not what they were is named,
 * and its neighbours are served.
 *
 * <p>Everything belongs to the log loop; verification of what was read runs where the store completes its futures.
 */
@NullMarked
package io.kafscale.log.read;

import org.jspecify.annotations.NullMarked;
