package io.kafscale.log;

/** Which offset of a partition is asked for. */
public sealed interface OffsetQuery {
    /** The log start offset. */
    record Earliest() implements OffsetQuery {}

    /** The high watermark. */
    record Latest() implements OffsetQuery {}

    /** The record with the largest timestamp (KIP-734). */
    record MaxTimestamp() implements OffsetQuery {}

    /** The first record whose timestamp is at least {@code timestampMs}. */
    record AtTime(long timestampMs) implements OffsetQuery {}
}
