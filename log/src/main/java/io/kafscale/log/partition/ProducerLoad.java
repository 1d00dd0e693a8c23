package io.kafscale.log.partition;

import io.kafscale.format.RecordBatchView;
import io.kafscale.log.AppendResult;
import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.internal.Deadlines;
import io.kafscale.log.segment.StoredPartition;
import io.kafscale.runtime.FutureFailure;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Brings the producer state of older segments in before the first idempotent append is decided, and keeps that append and all
 * behind it in their order meanwhile. A partition without segments, or without idempotent producers, reads nothing. Belongs to the
 * log loop.
 */
final class ProducerLoad {
    private static final class Waiting {
        final Supplier<CompletableFuture<AppendResult>> append;
        final Runnable release;
        final CompletableFuture<AppendResult> answer = new CompletableFuture<>();
        Deadlines.@Nullable Pending deadline;

        Waiting(Supplier<CompletableFuture<AppendResult>> append, Runnable release) {
            this.append = append;
            this.release = release;
        }

        void fail(LogException cause) {
            if (deadline != null) {
                deadline.cancel();
            }
            if (!answer.isDone()) {
                release.run();
                answer.completeExceptionally(cause);
            }
        }
    }

    private final StoredPartition stored;
    private final PartitionServices services;
    private final ProducerStates producers;
    private final Deque<Waiting> queue = new ArrayDeque<>();
    private @Nullable CompletableFuture<Void> loading;
    private @Nullable LogException closed;
    private boolean replaying;

    ProducerLoad(StoredPartition stored, PartitionServices services, ProducerStates producers) {
        this.stored = stored;
        this.services = services;
        this.producers = producers;
    }

    /** Whether an append of these batches has to be {@link #enqueue}d. */
    boolean mustWait(Iterable<RecordBatchView> batches) {
        if (producers.isComplete() || replaying) {
            return false;
        }
        if (!queue.isEmpty()) {
            return true;
        }
        for (RecordBatchView batch : batches) {
            if (batch.hasProducerId()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Runs {@code append} once the state is there, after those enqueued before; loads the state if nobody has begun to.
     *
     * @param release runs instead if it never will
     */
    CompletableFuture<AppendResult> enqueue(
            long deadlineNanos, Supplier<CompletableFuture<AppendResult>> append, Runnable release) {
        var waiting = new Waiting(append, release);
        waiting.deadline = services.deadlines()
                .at(
                        deadlineNanos,
                        () -> waiting.fail(new LogException(
                                Kind.TIMED_OUT,
                                "the producer state of " + stored.place() + " could not be read in time")));
        queue.add(waiting);
        loaded();
        return waiting.answer;
    }

    /** Completes once the state is there, loading it if nobody has; fails with {@link LogException}. */
    CompletableFuture<Void> loaded() {
        if (closed != null) {
            return CompletableFuture.failedFuture(closed);
        }
        if (producers.isComplete()) {
            return CompletableFuture.completedFuture(null);
        }
        if (loading != null) {
            return loading;
        }
        CompletableFuture<Void> started = load();
        if (!started.isDone()) {
            loading = started;
        }
        return started;
    }

    private CompletableFuture<Void> load() {
        var done = new CompletableFuture<Void>();
        services.producers().atSegmentEnd(stored).whenComplete((at, failure) -> {
            loading = null;
            if (closed != null) {
                done.completeExceptionally(closed);
            } else if (failure == null) {
                producers.precede(at.producers());
                runQueue();
                done.complete(null);
            } else {
                var cause = new LogException(
                        Kind.STORAGE_UNAVAILABLE,
                        "the producer state of " + stored.place() + " could not be read",
                        FutureFailure.cause(failure));
                failQueue(cause);
                done.completeExceptionally(cause);
            }
        });
        return done;
    }

    private void runQueue() {
        replaying = true;
        while (!queue.isEmpty()) {
            Waiting waiting = queue.remove();
            if (waiting.deadline != null) {
                waiting.deadline.cancel();
            }
            if (!waiting.answer.isDone()) {
                waiting.append.get().whenComplete((result, failure) -> {
                    if (failure == null) {
                        waiting.answer.complete(result);
                    } else {
                        waiting.answer.completeExceptionally(FutureFailure.cause(failure));
                    }
                });
            }
        }
        replaying = false;
    }

    private void failQueue(LogException cause) {
        var all = new ArrayList<>(queue);
        queue.clear();
        all.forEach(waiting -> waiting.fail(cause));
    }

    void close(LogException cause) {
        closed = cause;
        failQueue(cause);
    }
}
