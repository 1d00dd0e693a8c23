package io.kafscale.app.node;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a program opened, closed once and in the reverse order. A part that cannot be closed is reported and keeps no other from being
 * closed. Adding is for one thread, closing for any.
 */
final class Parts {
    private static final Logger LOG = LoggerFactory.getLogger(Parts.class);

    /** How a part is closed. */
    @FunctionalInterface
    interface Closing {
        void close() throws Exception;
    }

    private record Part(String name, Closing closing) {}

    private final Deque<Part> parts = new ArrayDeque<>();
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Remembers how to close something that is open now. */
    void add(String name, Closing closing) {
        parts.push(new Part(name, closing));
    }

    /** Remembers to close {@code part}, and returns it. */
    <T extends AutoCloseable> T keep(String name, T part) {
        add(name, (Closing) part::close);
        return part;
    }

    /**
     * Closes everything, the latest first.
     *
     * @return whether this call did it; false if another one did before
     */
    boolean close() {
        if (!closed.compareAndSet(false, true)) {
            return false;
        }
        for (Part part : parts) {
            try {
                part.closing().close();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                LOG.warn("Interrupted while closing [part={}]", part.name());
            } catch (Exception failure) {
                LOG.warn("Could not be closed cleanly [part={}]", part.name(), failure);
            }
        }
        return true;
    }
}
