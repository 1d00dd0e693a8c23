package io.kafscale.runtime;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A bound on bytes held in memory for one purpose. Whoever keeps bytes reserves them first and releases them when the last
 * reference is gone; a full budget means backpressure, never growth. Thread-safe; callbacks run on the releasing thread, outside
 * any lock.
 */
public final class ByteBudget {
    private final String name;
    private final long capacity;
    private final Deque<Runnable> waiters = new ArrayDeque<>();
    private long used;

    /**
     * A budget of {@code capacity} bytes.
     *
     * @param name what the bytes are for, as shown in metrics and messages
     */
    public ByteBudget(String name, long capacity) {
        if (capacity <= 0) {
            throw new IllegalArgumentException(
                    "the byte budget '" + name + "' needs a positive capacity, not " + capacity);
        }
        this.name = name;
        this.capacity = capacity;
    }

    /**
     * Reserves {@code bytes} if they fit. A reservation larger than the whole budget is granted when nothing else is held, so that
     * one legal but huge request can pass instead of waiting for ever.
     */
    public synchronized boolean tryReserve(long bytes) {
        checkSize(bytes);
        if (used + bytes > capacity && used > 0) {
            return false;
        }
        used += bytes;
        return true;
    }

    /**
     * Reserves {@code bytes} as {@link #tryReserve} does, or else runs {@code waiter} once, after the next release that leaves room:
     * no release between the refusal and the waiting is missed.
     */
    public synchronized boolean reserveOrWait(long bytes, Runnable waiter) {
        if (tryReserve(bytes)) {
            return true;
        }
        waiters.add(waiter);
        return false;
    }

    /** Reserves {@code bytes} whether they fit or not: for bytes that are already in memory and must be accounted for. */
    public synchronized void reserveForced(long bytes) {
        checkSize(bytes);
        used += bytes;
    }

    /** Gives {@code bytes} back and wakes those who asked to be told. */
    public void release(long bytes) {
        Runnable[] wake;
        synchronized (this) {
            checkSize(bytes);
            if (bytes > used) {
                throw new IllegalStateException("released " + bytes + " bytes of '" + name + "', which holds " + used);
            }
            used -= bytes;
            if (used >= capacity || waiters.isEmpty()) {
                return;
            }
            wake = waiters.toArray(Runnable[]::new);
            waiters.clear();
        }
        for (Runnable waiter : wake) {
            waiter.run();
        }
    }

    /** Bytes held now. */
    public synchronized long used() {
        return used;
    }

    /** The bound, in bytes. */
    public long capacity() {
        return capacity;
    }

    /** What the bytes are for. */
    public String name() {
        return name;
    }

    private static void checkSize(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("negative size " + bytes);
        }
    }
}
