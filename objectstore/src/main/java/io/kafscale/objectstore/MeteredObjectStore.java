package io.kafscale.objectstore;

import io.kafscale.objectstore.StorageException.Kind;
import io.kafscale.runtime.TimeSource;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Tells an observer of every call: how long it took, how many bytes it moved, what came of it. Metrics, the storage-health machine
 * and tests that count requests are such observers. Outside of a {@link RetryingObjectStore} it sees calls, inside of it attempts.
 * Thread-safe.
 */
public final class MeteredObjectStore implements ObjectStore {
    private final ObjectStore store;
    private final RequestObserver observer;
    private final TimeSource time;

    /** Watches {@code store}, which it closes with itself. */
    public MeteredObjectStore(ObjectStore store, RequestObserver observer, TimeSource time) {
        this.store = store;
        this.observer = observer;
        this.time = time;
    }

    @Override
    public CompletableFuture<PutOutcome> putIfAbsent(String key, Payload payload) {
        long bytes = payload.length();
        return observe(
                new Measured<>(StoreOperation.PUT, key, bytes, outcome -> bytes),
                () -> store.putIfAbsent(key, payload));
    }

    @Override
    public CompletableFuture<ByteBuffer> get(String key, int maxBytes, ReadMemory memory) {
        return observe(
                new Measured<>(StoreOperation.GET, key, 0, ByteBuffer::remaining),
                () -> store.get(key, maxBytes, memory));
    }

    @Override
    public CompletableFuture<ByteBuffer> getRange(String key, long position, int length, ReadMemory memory) {
        var measured = new Measured<ByteBuffer>(StoreOperation.GET_RANGE, key, 0, ByteBuffer::remaining);
        return observe(measured, () -> store.getRange(key, position, length, memory));
    }

    @Override
    public CompletableFuture<ObjectTail> getTail(String key, int length) {
        var measured = new Measured<ObjectTail>(
                StoreOperation.GET_TAIL, key, 0, tail -> tail.bytes().remaining());
        return observe(measured, () -> store.getTail(key, length));
    }

    @Override
    public CompletableFuture<ObjectPage> list(String prefix, String startAfter, int limit) {
        var measured = new Measured<ObjectPage>(StoreOperation.LIST, prefix, 0, page -> 0);
        return observe(measured, () -> store.list(prefix, startAfter, limit));
    }

    @Override
    public CompletableFuture<Void> delete(List<String> keys) {
        String first = keys.isEmpty() ? "" : keys.getFirst();
        return observe(new Measured<>(StoreOperation.DELETE, first, 0, nothing -> 0), () -> store.delete(keys));
    }

    /** What to report of a call; {@code bytes} counts those of its value, {@code bytesIfFailed} stands in when there is none. */
    private record Measured<T>(StoreOperation operation, String key, long bytesIfFailed, ToLongFunction<T> bytes) {}

    private <T> CompletableFuture<T> observe(Measured<T> measured, Supplier<CompletableFuture<T>> call) {
        observer.onStarted(measured.operation, measured.key);
        long started = time.nanoTime();
        var result = new CompletableFuture<T>();
        call.get().whenComplete((value, thrown) -> {
            long latency = time.nanoTime() - started;
            if (thrown == null) {
                report(measured, measured.bytes.applyAsLong(value), latency, null);
                result.complete(value);
            } else {
                var failure = StorageException.of(thrown, Kind.INVALID, measured.key);
                report(measured, measured.bytesIfFailed, latency, failure.kind());
                result.completeExceptionally(failure);
            }
        });
        return result;
    }

    private void report(Measured<?> measured, long bytes, long latency, @Nullable Kind failure) {
        observer.onFinished(new RequestObserver.Finished(measured.operation, measured.key, bytes, latency, failure));
    }

    @Override
    public String describe() {
        return store.describe();
    }

    @Override
    public void close() {
        store.close();
    }
}
