package io.kafscale.log.internal;

import io.kafscale.runtime.EventLoop;
import io.kafscale.runtime.FutureFailure;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Futures of the stores, which complete on any thread, brought to the one loop that may act on them. Stateless. */
public final class LoopFutures {
    private LoopFutures() {}

    /** The same result or failure, on the loop. */
    public static <T extends @Nullable Object> CompletableFuture<T> hop(CompletableFuture<T> future, EventLoop loop) {
        return future.whenCompleteAsync((value, failure) -> {}, loop);
    }

    /**
     * Takes one step after the other, each when the one before it has completed, until {@code step} answers null; a failed step ends
     * it. Steps that are complete at once use no stack, so there may be any number of them.
     */
    public static CompletableFuture<Void> repeat(Supplier<@Nullable CompletableFuture<?>> step) {
        var done = new CompletableFuture<Void>();
        repeat(step, done);
        return done;
    }

    private static void repeat(Supplier<@Nullable CompletableFuture<?>> step, CompletableFuture<Void> done) {
        try {
            for (CompletableFuture<?> next = step.get(); next != null; next = step.get()) {
                if (next.state() != Future.State.SUCCESS) {
                    next.whenComplete((ignored, failure) -> {
                        if (failure != null) {
                            done.completeExceptionally(FutureFailure.cause(failure));
                        } else {
                            repeat(step, done);
                        }
                    });
                    return;
                }
            }
            done.complete(null);
        } catch (RuntimeException broken) {
            done.completeExceptionally(broken);
        }
    }
}
