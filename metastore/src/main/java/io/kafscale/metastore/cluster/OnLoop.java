package io.kafscale.metastore.cluster;

import io.kafscale.metastore.MetadataException;
import io.kafscale.runtime.EventLoop;
import io.kafscale.runtime.FutureFailure;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;

/** Runs the steps of an asynchronous task on one event loop. Thread-safe. */
final class OnLoop {
    private final EventLoop loop;

    OnLoop(EventLoop loop) {
        this.loop = loop;
    }

    /** Runs {@code task} on the loop; the returned future fails with what the task failed with, not with a wrapper of it. */
    <T> CompletableFuture<T> run(Supplier<CompletableFuture<T>> task) {
        var result = new CompletableFuture<T>();
        try {
            loop.execute(() -> {
                CompletableFuture<T> started;
                try {
                    started = task.get();
                } catch (RuntimeException failure) {
                    result.completeExceptionally(failure);
                    return;
                }
                started.whenComplete((value, failure) -> {
                    if (failure != null) {
                        result.completeExceptionally(FutureFailure.cause(failure));
                    } else {
                        result.complete(value);
                    }
                });
            });
        } catch (RejectedExecutionException closed) {
            result.completeExceptionally(
                    new MetadataException(MetadataException.Kind.CLOSED, "the event loop has ended", closed));
        }
        return result;
    }

    /** The same outcome, with what depends on it running on the loop. */
    <T> CompletableFuture<T> hop(CompletableFuture<T> future) {
        return future.whenCompleteAsync((value, failure) -> {}, loop);
    }

    /** The outcome with its value changed; a failure stays what it was, without a wrapper. */
    static <T, R> CompletableFuture<R> map(CompletableFuture<T> future, Function<T, R> change) {
        var result = new CompletableFuture<R>();
        future.whenComplete((value, failure) -> {
            if (failure != null) {
                result.completeExceptionally(FutureFailure.cause(failure));
            } else {
                result.complete(change.apply(value));
            }
        });
        return result;
    }
}
