package io.kafscale.log.wal;

import io.kafscale.format.ObjectLayout;
import io.kafscale.format.StreamId;
import io.kafscale.objectstore.ObjectStore;
import io.kafscale.objectstore.StorageException;
import io.kafscale.runtime.EventLoop;
import io.kafscale.runtime.FutureFailure;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Where WAL streams live, and everything else the WAL needs of the outside world. Immutable.
 *
 * @param objects the store; its reads, lists and deletes retry transient failures themselves, its puts do not
 * @param layout which key an object lives under
 * @param loop the log loop, on which everything in this package runs
 * @param random for nonces and jitter
 */
public record WalStore(ObjectStore objects, ObjectLayout layout, EventLoop loop, RandomGenerator random) {
    /** The key of an object. */
    String key(StreamId stream, long sequence) {
        return layout.walKey(stream, sequence);
    }

    long nowNanos() {
        return loop.time().nanoTime();
    }

    /**
     * Hands a store's answer to {@code then} on the loop. What {@code then} throws is the loop's to report, as with any task; it
     * does not vanish in a future nobody looks at.
     */
    <T> void whenDone(CompletableFuture<T> answer, BiConsumer<@Nullable T, @Nullable Throwable> then) {
        answer.whenComplete((value, failure) -> loop.execute(() -> then.accept(value, failure)));
    }

    /** The same answer, given on the loop: everything composed onto it runs there. */
    <T> CompletableFuture<T> onLoop(CompletableFuture<T> answer) {
        var onLoop = new CompletableFuture<T>();
        answer.whenComplete((value, failure) -> loop.execute(() -> settle(onLoop, value, failure)));
        return onLoop;
    }

    /** The outcome of a composition, with the failure itself instead of one wrapped around it. */
    static <T> CompletableFuture<T> unwrapped(CompletableFuture<T> composed) {
        var plain = new CompletableFuture<T>();
        composed.whenComplete((value, failure) -> settle(plain, value, failure));
        return plain;
    }

    @SuppressWarnings(
            "NullAway") // a future's value is as nullable as its type argument says, which whenComplete cannot know
    private static <T> void settle(CompletableFuture<T> future, @Nullable T value, @Nullable Throwable failure) {
        if (failure == null) {
            future.complete(value);
        } else {
            future.completeExceptionally(FutureFailure.cause(failure));
        }
    }

    /** What failed, in the store's terms; anything a store should not have thrown counts as a write in doubt or a failed read. */
    static StorageException failure(Throwable thrown, String key) {
        Throwable cause = FutureFailure.cause(thrown);
        return cause instanceof StorageException storage
                ? storage
                : new StorageException(StorageException.Kind.OUTCOME_UNKNOWN, key, "unexpected failure", cause);
    }
}
