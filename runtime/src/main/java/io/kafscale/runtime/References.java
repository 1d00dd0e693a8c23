package io.kafscale.runtime;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts who uses something, beginning with the one who made it; the last to release it gives it back. Thread-safe.
 */
public final class References {
    private final AtomicInteger count = new AtomicInteger(1);
    private final Runnable giveBack;

    /**
     * One reference.
     *
     * @param giveBack runs once, on the thread that releases the last reference
     */
    public References(Runnable giveBack) {
        this.giveBack = giveBack;
    }

    /**
     * Takes one more reference.
     *
     * @throws IllegalStateException if the last one is gone
     */
    public void retain() {
        if (count.getAndUpdate(n -> n == 0 ? 0 : n + 1) == 0) {
            throw new IllegalStateException("retained after the last reference was released");
        }
    }

    /**
     * Gives one reference back.
     *
     * @throws IllegalStateException if there is none left
     */
    public void release() {
        int before = count.getAndUpdate(n -> n == 0 ? 0 : n - 1);
        if (before == 0) {
            throw new IllegalStateException("released more often than retained");
        }
        if (before == 1) {
            giveBack.run();
        }
    }
}
