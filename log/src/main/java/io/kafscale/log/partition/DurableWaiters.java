package io.kafscale.log.partition;

import io.kafscale.log.AppendResult;
import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.internal.Deadlines;
import java.util.ArrayList;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;

/**
 * Appends of one partition that are answered once the high watermark has passed them, in the order of their offsets: those that
 * wait for their own records and those that turned out to be duplicates of records not durable yet. Belongs to the log loop.
 */
final class DurableWaiters {
    private static final class Waiter implements Comparable<Waiter> {
        final long lastOffset;
        final long order;
        final AppendResult result;
        final CompletableFuture<AppendResult> answer;
        Deadlines.Pending deadline;

        Waiter(AppendResult result, long order, CompletableFuture<AppendResult> answer, Deadlines deadlines, long due) {
            this.lastOffset = result.lastOffset();
            this.order = order;
            this.result = result;
            this.answer = answer;
            this.deadline = deadlines.at(
                    due,
                    () -> answer.completeExceptionally(new LogException(
                            Kind.TIMED_OUT,
                            "the records at " + result.baseOffset() + ".." + result.lastOffset()
                                    + " are in the log but not durable yet")));
        }

        @Override
        public int compareTo(Waiter other) {
            int byOffset = Long.compare(lastOffset, other.lastOffset);
            return byOffset != 0 ? byOffset : Long.compare(order, other.order);
        }
    }

    private final Deadlines deadlines;
    private final PriorityQueue<Waiter> waiters = new PriorityQueue<>();
    private long order;

    DurableWaiters(Deadlines deadlines) {
        this.deadlines = deadlines;
    }

    /** Answers with {@code result} once everything up to its last offset is durable, or fails at the deadline. */
    CompletableFuture<AppendResult> add(AppendResult result, long deadlineNanos) {
        var answer = new CompletableFuture<AppendResult>();
        waiters.add(new Waiter(result, order++, answer, deadlines, deadlineNanos));
        return answer;
    }

    /** Everything below {@code highWatermark} is durable. */
    void advance(long highWatermark, long logStart) {
        while (!waiters.isEmpty() && waiters.element().lastOffset < highWatermark) {
            Waiter waiter = waiters.remove();
            waiter.deadline.cancel();
            waiter.answer.complete(waiter.result.withLogStart(logStart));
        }
    }

    /** None of them will be answered with success. */
    void failAll(LogException cause) {
        var all = new ArrayList<>(waiters);
        waiters.clear();
        all.sort(null);
        for (Waiter waiter : all) {
            waiter.deadline.cancel();
            waiter.answer.completeExceptionally(cause);
        }
    }

    int size() {
        return waiters.size();
    }
}
