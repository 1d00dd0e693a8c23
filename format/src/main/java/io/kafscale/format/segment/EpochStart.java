package io.kafscale.format.segment;

/** A leader epoch and the first offset in the segment that was appended under it. Immutable; any thread. */
public record EpochStart(int leaderEpoch, long startOffset) {}
