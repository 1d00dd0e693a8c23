/**
 * The way out: {@link io.kafscale.broker.fetch.FetchHandler} turns a Fetch request into one {@link io.kafscale.log.FetchQuery}, which
 * the log parks until there is enough to answer, and hands the stored slices to the socket as they are. {@link
 * io.kafscale.broker.fetch.ListOffsetsHandler} and {@link io.kafscale.broker.fetch.LeaderEpochHandler} answer questions about
 * offsets; {@link io.kafscale.broker.fetch.RecordTimestamps} finds the record of a time inside a batch for the log.
 */
@NullMarked
package io.kafscale.broker.fetch;

import org.jspecify.annotations.NullMarked;
