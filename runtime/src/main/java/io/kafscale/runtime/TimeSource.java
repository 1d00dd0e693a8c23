package io.kafscale.runtime;

/**
 * The only clock of the core: a monotonic one to measure with and a wall clock to label with. Implementations are thread-safe.
 */
public interface TimeSource {
    /** Monotonic nanoseconds since an arbitrary origin; only differences mean anything. */
    long nanoTime();

    /** Wall-clock time, milliseconds since the epoch. It may jump either way: never measure with it, never decide safety by it. */
    long wallClockMs();

    /** The machine's clocks. */
    static TimeSource system() {
        return SystemTimeSource.INSTANCE;
    }
}
