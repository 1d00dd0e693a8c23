package io.kafscale.log.internal;

import io.kafscale.runtime.EventLoop;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Futures of the stores, which complete on any thread, brought to the one loop that may act on them. Stateless. */
public final class LoopFutures {
    private LoopFutures() {}

    /** The same result or failure, on the loop. */
    public static <T extends @Nullable Object> CompletableFuture<T> hop(CompletableFuture<T> future, EventLoop loop) {
        return future.whenCompleteAsync((value, failure) -> {}, loop);
    }

    /** The failure itself, without the envelope that chained futures put around it. */
    public static Throwable unwrap(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
