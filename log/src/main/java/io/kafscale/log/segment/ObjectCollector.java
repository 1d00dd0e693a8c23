package io.kafscale.log.segment;

import io.kafscale.objectstore.ObjectStore;
import io.kafscale.runtime.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes objects once a grace has passed after the fact that allows it, so that a reader who resolved a key just before still
 * finds the object. What is not deleted because the broker goes down or the store fails for good is found again by listing.
 * Belongs to the log loop.
 */
public final class ObjectCollector {
    /** How many keys go in one call. */
    private static final int BATCH = 1000;

    private static final int MAX_ATTEMPTS = 10;
    private static final Logger LOG = LoggerFactory.getLogger(ObjectCollector.class);

    private record Doomed(List<String> keys, long dueNanos, int attempt, Runnable done) {}

    private final ObjectStore store;
    private final EventLoop loop;
    private final Duration grace;
    private final Deque<Doomed> queue = new ArrayDeque<>();
    private EventLoop.@Nullable Timer timer;
    private boolean deleting;
    private boolean closed;

    /** Nothing to delete yet. */
    public ObjectCollector(ObjectStore store, EventLoop loop, Duration grace) {
        this.store = store;
        this.loop = loop;
        this.grace = grace;
    }

    /**
     * Deletes the objects after the grace, in the order of the lists: no object of a list while one of an earlier list may exist.
     *
     * @param done runs on the loop once they are gone, or given up
     */
    public void collect(List<List<String>> ordered, Runnable done) {
        long due = loop.time().nanoTime() + grace.toNanos();
        for (int i = 0; i < ordered.size(); i++) {
            List<String> keys = ordered.get(i);
            for (int from = 0; from < keys.size(); from += BATCH) {
                queue.add(new Doomed(
                        List.copyOf(keys.subList(from, Math.min(from + BATCH, keys.size()))), due, 0, () -> {}));
            }
        }
        queue.add(new Doomed(List.of(), due, 0, done));
        next();
    }

    /** Keys that wait to be deleted. */
    public int waiting() {
        return queue.stream().mapToInt(doomed -> doomed.keys().size()).sum();
    }

    /** Deletes nothing more. */
    public void close() {
        closed = true;
        queue.clear();
        if (timer != null) {
            timer.cancel();
        }
    }

    private void next() {
        if (closed || deleting || timer != null || queue.isEmpty()) {
            return;
        }
        Doomed first = queue.element();
        long wait = first.dueNanos() - loop.time().nanoTime();
        if (wait > 0) {
            timer = loop.schedule(Duration.ofNanos(wait), () -> {
                timer = null;
                next();
            });
            return;
        }
        queue.remove();
        if (first.keys().isEmpty()) {
            first.done().run();
            next();
            return;
        }
        deleting = true;
        store.delete(first.keys()).whenCompleteAsync((nothing, failure) -> ended(first, failure), loop);
    }

    private void ended(Doomed doomed, @Nullable Throwable failure) {
        deleting = false;
        if (failure != null && !closed) {
            LOG.warn(
                    "{} objects could not be deleted (attempt {}), among them {}",
                    doomed.keys().size(),
                    doomed.attempt() + 1,
                    doomed.keys().getFirst(),
                    failure);
            if (doomed.attempt() + 1 < MAX_ATTEMPTS) {
                long due = loop.time().nanoTime() + grace.toNanos();
                queue.addFirst(new Doomed(doomed.keys(), due, doomed.attempt() + 1, doomed.done()));
            }
        }
        next();
    }
}
