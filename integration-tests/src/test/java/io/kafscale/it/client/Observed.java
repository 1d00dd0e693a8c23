package io.kafscale.it.client;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** State that some threads change and a test waits for, without looking again and again. Thread-safe. */
public final class Observed {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** Changes the state. */
    public void change(Runnable step) {
        lock.lock();
        try {
            step.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Reads the state. */
    public <T> T read(Supplier<T> question) {
        lock.lock();
        try {
            return question.get();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until {@code condition} holds; fails, naming {@code what}, if it does not within a minute. */
    public void await(String what, BooleanSupplier condition) {
        if (!holdsWithin(PATIENCE, condition)) {
            throw new AssertionError("not within " + PATIENCE.toSeconds() + " s: " + what);
        }
    }

    /** Waits until {@code condition} holds, or for {@code time}; says whether it holds. */
    public boolean holdsWithin(Duration time, BooleanSupplier condition) {
        long nanos = time.toNanos();
        lock.lock();
        try {
            while (!condition.getAsBoolean()) {
                if (nanos <= 0) {
                    return false;
                }
                nanos = changed.awaitNanos(nanos);
            }
            return true;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting", interrupted);
        } finally {
            lock.unlock();
        }
    }
}
