package io.kafscale.runtime;

/** The machine's clocks; the one place that reads them. Thread-safe. */
enum SystemTimeSource implements TimeSource {
    INSTANCE;

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public long wallClockMs() {
        return System.currentTimeMillis();
    }
}
