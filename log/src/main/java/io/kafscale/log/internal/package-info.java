/**
 * What the packages of the log share. Not an interface for others: it changes without notice.
 *
 * <p>{@link io.kafscale.log.internal.SingleFlightCache} is what is kept of objects that were read: bounded by bytes, with one load
 * under way per key however many want it. {@link io.kafscale.log.internal.Deadlines} is one timer for the many appends and fetches
 * that wait. {@link io.kafscale.log.internal.LoopFutures} brings the stores' futures back to the log loop.
 *
 * <p>Nothing here draws a random number (as Caffeine's admission does), reads a clock or starts a thread, so that a run of the log
 * stays a function of its inputs.
 */
@NullMarked
package io.kafscale.log.internal;

import org.jspecify.annotations.NullMarked;
