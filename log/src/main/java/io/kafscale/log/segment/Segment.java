package io.kafscale.log.segment;

import java.time.Duration;
import java.util.Optional;

/**
 * A {@code .kfs} object of a partition as far as it is known. Immutable; any thread.
 *
 * @param baseOffset offset of the first record
 * @param sizeBytes bytes of the whole object
 * @param writtenMs when the store says it was written, milliseconds since the epoch
 * @param facts what only the index or the object itself say, once somebody had to read them
 */
public record Segment(long baseOffset, long sizeBytes, long writtenMs, Optional<Facts> facts) {
    /** How far the clock of the store, which says when a segment was written, may be behind that of a broker. */
    private static final long CLOCKS_APART_MS = Duration.ofDays(1).toMillis();

    /**
     * What a listing does not say.
     *
     * @param lastOffset offset of the last record
     * @param maxTimestampMs greatest timestamp of a record; -1 if there is none or the index does not say
     */
    public record Facts(long lastOffset, long maxTimestampMs) {}

    /** As a listing tells it. */
    static Segment listed(long baseOffset, long sizeBytes, long writtenMs) {
        return new Segment(baseOffset, sizeBytes, writtenMs, Optional.empty());
    }

    /** The same segment, better known. */
    Segment with(Facts learned) {
        return new Segment(baseOffset, sizeBytes, writtenMs, Optional.of(learned));
    }

    /**
     * Whether it may hold a record of this time or later. Where only its index could tell, it goes by when the segment was written:
     * its records were appended before, and none of them lay further ahead of that than it was allowed to.
     *
     * @param leadMs how far ahead of its append the timestamp of a record may lie
     */
    public boolean mayReach(long timestampMs, long leadMs) {
        long known = facts.map(Facts::maxTimestampMs).orElse(-1L);
        if (known >= 0) {
            return known >= timestampMs;
        }
        return leadMs >= timestampMs || timestampMs - leadMs - CLOCKS_APART_MS <= writtenMs;
    }

    /** Whether it is known to hold {@code offset}. */
    public boolean isKnownToHold(long offset) {
        return baseOffset <= offset
                && facts.map(known -> offset <= known.lastOffset()).orElse(false);
    }
}
