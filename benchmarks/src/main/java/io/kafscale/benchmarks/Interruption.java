package io.kafscale.benchmarks;

import java.time.Duration;

/**
 * What a Ctrl-C does: the thread that measures is interrupted and gets time to end its processes and to delete its files before the
 * JVM is gone. Thread-safe.
 */
final class Interruption {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final Thread measuring;
    private volatile boolean begun;

    private Interruption(Thread measuring) {
        this.measuring = measuring;
    }

    /** From now on the calling thread is interrupted when the JVM is told to end. */
    static Interruption ofThisThread() {
        var interruption = new Interruption(Thread.currentThread());
        Runtime.getRuntime().addShutdownHook(new Thread(interruption::begin, "interruption"));
        return interruption;
    }

    private void begin() {
        begun = true;
        measuring.interrupt();
        try {
            measuring.join(LIMIT);
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether the JVM is ending. */
    boolean hasBegun() {
        return begun;
    }
}
