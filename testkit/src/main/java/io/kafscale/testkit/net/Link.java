package io.kafscale.testkit.net;

import io.kafscale.runtime.TimeSource;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** What the network between a client and a server does at present, and the place where bytes wait for it. Thread-safe. */
final class Link {
    private static final TimeSource TIME = TimeSource.system();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Set<Direction> held = EnumSet.noneOf(Direction.class);
    private long delayNanos;
    private boolean cut;

    /** Everything passes at once. */
    void heal() {
        change(() -> {
            held.clear();
            delayNanos = 0;
            cut = false;
        });
    }

    /** Nothing passes in these directions. */
    void hold(Set<Direction> directions) {
        change(() -> held.addAll(directions));
    }

    /** What is sent from now on takes this long, each way. */
    void delay(Duration oneWay) {
        change(() -> delayNanos = oneWay.toNanos());
    }

    /** There are no connections. */
    void cut() {
        change(() -> cut = true);
    }

    boolean isCut() {
        lock.lock();
        try {
            return cut;
        } finally {
            lock.unlock();
        }
    }

    /** When what is sent now arrives, if nothing holds it. */
    long arrivalNanos() {
        lock.lock();
        try {
            return TIME.nanoTime() + delayNanos;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until {@code arrivalNanos}, and as long as {@code direction} is held. */
    void awaitPassage(Direction direction, long arrivalNanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = arrivalNanos - TIME.nanoTime();
            while (left > 0 || held.contains(direction)) {
                if (held.contains(direction)) {
                    changed.await();
                } else {
                    changed.await(left, TimeUnit.NANOSECONDS);
                }
                left = arrivalNanos - TIME.nanoTime();
            }
        } finally {
            lock.unlock();
        }
    }

    private void change(Runnable step) {
        lock.lock();
        try {
            step.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
