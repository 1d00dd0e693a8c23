package io.kafscale.format.segment;

/** Where the batch that starts at an offset starts in the {@code .kfs} file. Immutable; any thread. */
public record IndexEntry(long offset, int position) {}
