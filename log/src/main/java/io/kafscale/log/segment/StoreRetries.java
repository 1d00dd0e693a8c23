package io.kafscale.log.segment;

import io.kafscale.log.internal.LoopFutures;
import io.kafscale.objectstore.StorageException;
import io.kafscale.runtime.Backoff;
import io.kafscale.runtime.EventLoop;
import io.kafscale.runtime.FutureFailure;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Repeats a request of the object store as long as its failure is of a kind that may pass. Belongs to the log loop. */
final class StoreRetries {
    private final EventLoop loop;
    private final RandomGenerator random;
    private final Backoff backoff;
    private final int attempts;

    StoreRetries(EventLoop loop, RandomGenerator random, Backoff backoff, int attempts) {
        this.loop = loop;
        this.random = random;
        this.backoff = backoff;
        this.attempts = attempts;
    }

    /** The result of the first attempt that succeeds, or the failure of the last one. */
    <T extends @Nullable Object> CompletableFuture<T> run(Supplier<CompletableFuture<T>> request) {
        var result = new CompletableFuture<T>();
        attempt(request, 1, result);
        return result;
    }

    private <T extends @Nullable Object> void attempt(
            Supplier<CompletableFuture<T>> request, int number, CompletableFuture<T> result) {
        LoopFutures.hop(request.get(), loop).whenComplete((value, failure) -> {
            if (failure == null) {
                result.complete(value);
                return;
            }
            Throwable cause = FutureFailure.cause(failure);
            if (number < attempts
                    && cause instanceof StorageException storage
                    && storage.kind().isTransient()) {
                loop.schedule(backoff.delay(number - 1, random), () -> attempt(request, number + 1, result));
            } else {
                result.completeExceptionally(cause);
            }
        });
    }
}
