package io.kafscale.log;

/**
 * An offset that was asked for.
 *
 * @param offset -1 where there is no such record
 * @param timestampMs of the record at it; -1 for earliest and latest, and where there is no such record
 * @param leaderEpoch the epoch of the record at it or, for latest, the current one; -1 where there is none
 */
public record OffsetAnswer(long offset, long timestampMs, int leaderEpoch) {
    /** There is no such record. */
    public static final OffsetAnswer NONE = new OffsetAnswer(-1, -1, -1);
}
