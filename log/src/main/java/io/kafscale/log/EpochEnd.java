package io.kafscale.log;

/**
 * Where a leader epoch ends in a partition's log (KIP-101).
 *
 * @param leaderEpoch the largest epoch that is at most the one asked for, or -1 if there is none
 * @param endOffset the offset after that epoch's last record, or -1
 */
public record EpochEnd(int leaderEpoch, long endOffset) {
    /** Nothing is known of such an epoch. */
    public static final EpochEnd UNDEFINED = new EpochEnd(-1, -1);
}
