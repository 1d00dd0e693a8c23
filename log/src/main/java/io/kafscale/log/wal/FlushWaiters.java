package io.kafscale.log.wal;

import io.kafscale.log.LogException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Who waits until everything below some sequence is durable, in the order they came. Log loop only. */
final class FlushWaiters {
    private record Waiter(long sequence, CompletableFuture<Void> done) {}

    private final Deque<Waiter> waiters = new ArrayDeque<>();

    /** Waits until everything below {@code sequence}, which never goes back, is durable. */
    CompletableFuture<Void> await(long sequence) {
        var waiter = new Waiter(sequence, new CompletableFuture<>());
        waiters.addLast(waiter);
        return waiter.done();
    }

    /** Whether somebody waits for the object at this sequence. */
    boolean isAwaited(long sequence) {
        return !waiters.isEmpty() && waiters.getLast().sequence() > sequence;
    }

    /** Everything below the commit position is durable. */
    void complete(long commitPosition) {
        while (!waiters.isEmpty() && waiters.getFirst().sequence() <= commitPosition) {
            waiters.removeFirst().done().complete(null);
        }
    }

    /** Nobody will ever know. */
    void fail(LogException cause) {
        var failed = List.copyOf(waiters);
        waiters.clear();
        failed.forEach(waiter -> waiter.done().completeExceptionally(cause));
    }
}
