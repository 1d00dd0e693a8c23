package io.kafscale.objectstore;

import io.kafscale.objectstore.StorageException.Kind;
import io.kafscale.runtime.Backoff;
import io.kafscale.runtime.EventLoop;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Repeats reads, listings and deletions that failed for a reason that may pass, with backoff, until a deadline. Puts go through
 * once: their order, their pinned bytes and their doubt belong to the writer. Thread-safe. Delays run on the loop; close this store
 * before it.
 */
public final class RetryingObjectStore implements ObjectStore {
    /**
     * How long to go on.
     *
     * @param backoff the waits between attempts
     * @param deadline no attempt starts later than this after the call; the last failure is reported then
     */
    public record Policy(Backoff backoff, Duration deadline) {}

    private final ObjectStore store;
    private final Policy policy;
    private final EventLoop loop;
    private final RandomGenerator random;

    /**
     * Repeats what fails in {@code store}, which it closes with itself.
     *
     * @param loop times the waits
     * @param random spreads them; used on the loop only
     */
    public RetryingObjectStore(ObjectStore store, Policy policy, EventLoop loop, RandomGenerator random) {
        this.store = store;
        this.policy = policy;
        this.loop = loop;
        this.random = random;
    }

    @Override
    public CompletableFuture<PutOutcome> putIfAbsent(String key, Payload payload) {
        return store.putIfAbsent(key, payload);
    }

    @Override
    public CompletableFuture<ByteBuffer> get(String key, int maxBytes, ReadMemory memory) {
        return new Call<>(key, () -> store.get(key, maxBytes, memory)).start();
    }

    @Override
    public CompletableFuture<ByteBuffer> getRange(String key, long position, int length, ReadMemory memory) {
        return new Call<>(key, () -> store.getRange(key, position, length, memory)).start();
    }

    @Override
    public CompletableFuture<ObjectTail> getTail(String key, int length) {
        return new Call<>(key, () -> store.getTail(key, length)).start();
    }

    @Override
    public CompletableFuture<ObjectPage> list(String prefix, String startAfter, int limit) {
        return new Call<>(prefix, () -> store.list(prefix, startAfter, limit)).start();
    }

    @Override
    public CompletableFuture<Void> delete(List<String> keys) {
        List<String> doomed = List.copyOf(keys);
        String first = doomed.isEmpty() ? "" : doomed.getFirst();
        return new Call<>(first, () -> store.delete(doomed)).start();
    }

    @Override
    public String describe() {
        return store.describe();
    }

    @Override
    public void close() {
        store.close();
    }

    /** One call and its attempts, of which there is one at a time. */
    private final class Call<T> {
        private final String key;
        private final Supplier<CompletableFuture<T>> attempt;
        private final CompletableFuture<T> result = new CompletableFuture<>();
        private final long started = loop.time().nanoTime();
        private int failures;

        Call(String key, Supplier<CompletableFuture<T>> attempt) {
            this.key = key;
            this.attempt = attempt;
        }

        CompletableFuture<T> start() {
            if (!result.isDone()) {
                attempt.get().whenComplete((value, failure) -> {
                    if (failure == null) {
                        result.complete(value);
                    } else {
                        failed(StorageException.of(failure, Kind.INVALID, key));
                    }
                });
            }
            return result;
        }

        private void failed(StorageException failure) {
            if (!failure.kind().isTransient()) {
                result.completeExceptionally(failure);
                return;
            }
            try {
                loop.execute(() -> retryLater(failure));
            } catch (RejectedExecutionException loopClosed) {
                result.completeExceptionally(failure);
            }
        }

        private void retryLater(StorageException failure) {
            Duration delay = policy.backoff.delay(failures++, random);
            long nextAttempt = loop.time().nanoTime() - started + delay.toNanos();
            if (nextAttempt > policy.deadline.toNanos()) {
                result.completeExceptionally(failure);
            } else {
                loop.schedule(delay, this::start);
            }
        }
    }
}
