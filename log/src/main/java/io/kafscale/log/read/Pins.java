package io.kafscale.log.read;

import io.kafscale.runtime.References;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the memory that one reader reads from, for as long as it uses slices of it; the cache may forget it meanwhile. Thread-safe.
 */
public final class Pins {
    private @Nullable Set<References> pinned = new HashSet<>();

    /** Nothing pinned. */
    public Pins() {}

    /** Reads something and uses it: what was pinned meanwhile is released when the future that {@code use} gives is done. */
    static <T> CompletableFuture<T> during(Function<Pins, CompletableFuture<T>> use) {
        var pins = new Pins();
        return use.apply(pins).whenComplete((value, failure) -> pins.release());
    }

    /**
     * Keeps this until {@link #release}.
     *
     * @throws IllegalStateException if the reader is done already, so that nothing may be handed to it
     */
    synchronized void add(References memory) {
        if (pinned == null) {
            throw new IllegalStateException("nobody waits for what was read any more");
        }
        if (pinned.add(memory)) {
            memory.retain();
        }
    }

    /** The reader is done with every slice it got. Releasing again does nothing. */
    public void release() {
        Set<References> released;
        synchronized (this) {
            released = pinned;
            pinned = null;
        }
        if (released != null) {
            released.forEach(References::release);
        }
    }
}
