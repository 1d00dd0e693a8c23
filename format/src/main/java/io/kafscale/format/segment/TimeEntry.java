package io.kafscale.format.segment;

/**
 * One step of the time index. Immutable; any thread.
 *
 * @param maxTimestampMs greatest timestamp of all records up to and including the batch, in milliseconds
 * @param offset base offset of the first batch that reached it
 */
public record TimeEntry(long maxTimestampMs, long offset) {
    /** The greatest timestamp of records of which none has a timestamp. */
    public static final TimeEntry NONE = new TimeEntry(-1, -1);
}
