package io.kafscale.objectstore;

import java.util.ArrayList;
import java.util.List;

/**
 * Remembers every call that was started, so that a test can say what something costs: {@code assertThat(log.requests()).isEmpty()}.
 * Thread-safe. It grows with every call: not for production.
 */
public final class RequestLog implements RequestObserver {
    /** One call. */
    public record Request(StoreOperation operation, String key) {
        /** A put of {@code key}. */
        public static Request put(String key) {
            return new Request(StoreOperation.PUT, key);
        }

        /** A get of the whole of {@code key}. */
        public static Request get(String key) {
            return new Request(StoreOperation.GET, key);
        }

        /** A get of a range of {@code key}. */
        public static Request getRange(String key) {
            return new Request(StoreOperation.GET_RANGE, key);
        }

        /** A get of the tail of {@code key}. */
        public static Request getTail(String key) {
            return new Request(StoreOperation.GET_TAIL, key);
        }

        /** A page of {@code prefix}. */
        public static Request list(String prefix) {
            return new Request(StoreOperation.LIST, prefix);
        }

        /** A deletion whose first key is {@code key}. */
        public static Request delete(String key) {
            return new Request(StoreOperation.DELETE, key);
        }
    }

    private final List<Request> requests = new ArrayList<>();

    @Override
    public synchronized void onStarted(StoreOperation operation, String key) {
        requests.add(new Request(operation, key));
    }

    @Override
    public void onFinished(Finished request) {
        // A call counts from its start: what it costs does not depend on what comes of it.
    }

    /** The calls since the last {@link #clear()}, in the order they were made. */
    public synchronized List<Request> requests() {
        return List.copyOf(requests);
    }

    /** How many of them were {@code operation}. */
    public synchronized long count(StoreOperation operation) {
        return requests.stream().filter(r -> r.operation == operation).count();
    }

    /** Forgets them. */
    public synchronized void clear() {
        requests.clear();
    }
}
