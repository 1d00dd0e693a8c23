package io.kafscale.log.internal;

import io.kafscale.runtime.FutureFailure;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs a bounded number of asynchronous tasks at a time, in the order in which they come. Whoever brings tasks waits for
 * {@link #submit}, so that no queue grows. The first failure ends everything that has not begun. Belongs to one loop.
 */
public final class Lanes {
    private final int width;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private int running;
    private @Nullable Throwable failure;
    private @Nullable CompletableFuture<Void> drained;

    private record Waiting(Supplier<CompletableFuture<?>> task, CompletableFuture<Void> begun) {}

    /** So many tasks at a time. */
    public Lanes(int width) {
        if (width < 1) {
            throw new IllegalArgumentException("no lanes: " + width);
        }
        this.width = width;
    }

    /** Completes when the task has begun; fails, without running it, once another one has failed. */
    public CompletableFuture<Void> submit(Supplier<CompletableFuture<?>> task) {
        var begun = new CompletableFuture<Void>();
        waiting.add(new Waiting(task, begun));
        next();
        return begun;
    }

    private void next() {
        while (running < width && !waiting.isEmpty()) {
            Waiting first = waiting.remove();
            if (failure != null) {
                first.begun().completeExceptionally(failure);
                continue;
            }
            running++;
            start(first.task()).whenComplete((_, failed) -> ended(failed));
            first.begun().complete(null);
        }
        if (drained != null && running == 0 && waiting.isEmpty()) {
            CompletableFuture<Void> done = drained;
            drained = null;
            if (failure == null) {
                done.complete(null);
            } else {
                done.completeExceptionally(failure);
            }
        }
    }

    private static CompletableFuture<?> start(Supplier<CompletableFuture<?>> task) {
        try {
            return task.get();
        } catch (RuntimeException broken) {
            return CompletableFuture.failedFuture(broken);
        }
    }

    private void ended(@Nullable Throwable failed) {
        running--;
        if (failed != null && failure == null) {
            failure = FutureFailure.cause(failed);
        }
        next();
    }

    /** Completes when every task has ended; fails with the first failure. Asked once, after the last {@link #submit}. */
    public CompletableFuture<Void> drained() {
        var done = new CompletableFuture<Void>();
        drained = done;
        next();
        return done;
    }
}
