package io.kafscale.runtime;

/** A monotonic clock. */
@FunctionalInterface
public interface Ticker {
    /** Now. */
    long nanos();
}
