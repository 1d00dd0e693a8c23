package io.kafscale.log.engine;

import io.kafscale.log.AppendRequest;
import io.kafscale.log.AppendResult;
import io.kafscale.log.LogException;
import io.kafscale.log.internal.Deadlines;
import io.kafscale.log.partition.PartitionLog;
import io.kafscale.runtime.ByteBudget;
import io.kafscale.runtime.EventLoop;
import io.kafscale.runtime.FutureFailure;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Lets appends in while the WAL buffer has room and makes the others wait in the order they came, until there is room or their
 * deadline passes. What waits here is bounded by the network layer, which stops reading while requests are unanswered. Log loop
 * only.
 */
final class AppendAdmission {
    private static final class Waiting {
        final AppendRequest request;
        final long footprint;
        final CompletableFuture<AppendResult> answer = new CompletableFuture<>();
        Deadlines.@Nullable Pending deadline;

        Waiting(AppendRequest request, long footprint) {
            this.request = request;
            this.footprint = footprint;
        }
    }

    private final EventLoop loop;
    private final ByteBudget buffer;
    private final Deadlines deadlines;
    private final BiFunction<AppendRequest, Long, CompletableFuture<AppendResult>> append;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private boolean listening;
    private @Nullable LogException closed;

    /**
     * Nothing waits.
     *
     * @param append appends a request whose bytes have been reserved; never throws
     */
    AppendAdmission(
            EventLoop loop,
            ByteBudget buffer,
            Deadlines deadlines,
            BiFunction<AppendRequest, Long, CompletableFuture<AppendResult>> append) {
        this.loop = loop;
        this.buffer = buffer;
        this.deadlines = deadlines;
        this.append = append;
    }

    CompletableFuture<AppendResult> admit(AppendRequest request) {
        if (closed != null) {
            return CompletableFuture.failedFuture(closed);
        }
        long footprint = PartitionLog.footprint(request.batches());
        if (waiting.isEmpty() && buffer.tryReserve(footprint)) {
            return append.apply(request, footprint);
        }
        var one = new Waiting(request, footprint);
        one.deadline = deadlines.at(request.deadlineNanos(), () -> expire(one));
        waiting.add(one);
        letIn();
        return one.answer;
    }

    private void expire(Waiting one) {
        waiting.remove(one);
        one.answer.completeExceptionally(new LogException(
                LogException.Kind.TIMED_OUT, "the broker's buffer was full until the request's deadline passed"));
        letIn(); // a smaller one behind it may fit
    }

    /** Lets in what fits, first come first served; the first that does not fit waits for the next release. */
    private void letIn() {
        while (!waiting.isEmpty()) {
            long footprint = waiting.element().footprint;
            boolean fits = listening ? buffer.tryReserve(footprint) : buffer.reserveOrWait(footprint, this::roomMade);
            if (!fits) {
                listening = true;
                return;
            }
            Waiting one = waiting.remove();
            cancelDeadline(one);
            append.apply(one.request, one.footprint).whenComplete((result, failure) -> {
                if (failure == null) {
                    one.answer.complete(result);
                } else {
                    one.answer.completeExceptionally(FutureFailure.cause(failure));
                }
            });
        }
    }

    /** Room is made on whatever thread the transport ends its attempt on. */
    private void roomMade() {
        loop.execute(() -> {
            listening = false;
            letIn();
        });
    }

    private static void cancelDeadline(Waiting one) {
        if (one.deadline != null) {
            one.deadline.cancel();
        }
    }

    /** Refuses what waits and everything after it. */
    void close(LogException cause) {
        closed = cause;
        while (!waiting.isEmpty()) {
            Waiting one = waiting.remove();
            cancelDeadline(one);
            one.answer.completeExceptionally(cause);
        }
    }
}
