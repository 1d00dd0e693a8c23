package io.kafscale.log.engine;

import io.kafscale.log.AppendRequest;
import io.kafscale.log.AppendResult;
import io.kafscale.log.LogException;
import io.kafscale.log.internal.Deadlines;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.runtime.FutureFailure;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Appends to partitions between two leaders. They wait, in the order they came, until it is settled who leads: here, and then they
 * enter the log; elsewhere, and then the client is told where, and need not find out by asking again and again. A partition that
 * stays without a leader costs its clients {@link #PATIENCE} once, not with every request. What waits here is bounded by the network
 * layer, which stops reading while requests are unanswered. Log loop only.
 */
final class UnsettledAppends {
    /** How long after the first append that finds a partition unsettled others wait for it. */
    static final Duration PATIENCE = Duration.ofSeconds(1);

    /** What is known of partitions. */
    interface Leadership {
        /** Where an append to the partition belongs now. */
        Standing standing(PartitionId id);

        /** Why it is not led here. */
        LogException whyNotLed(PartitionId id);

        /** Appends to a partition that is led here; never throws. */
        CompletableFuture<AppendResult> append(AppendRequest request);

        /** Makes durable what was appended: who waited for a leader does not wait for the pace of flushes, too. */
        void flush();
    }

    /** Where appends to a partition belong. */
    enum Standing {
        HERE,
        NOT_HERE,
        /** Nobody leads it, but somebody is about to. */
        UNSETTLED
    }

    private static final class Waiting {
        final AppendRequest request;
        final CompletableFuture<AppendResult> answer = new CompletableFuture<>();
        Deadlines.@Nullable Pending deadline;

        Waiting(AppendRequest request) {
            this.request = request;
        }
    }

    /** The appends to one partition; an empty one remembers how long its partition has been unsettled. */
    private record Line(long untilNanos, Deque<Waiting> waiting) {}

    private final Deadlines deadlines;
    private final Leadership leadership;
    private final Map<PartitionId, Line> lines = new HashMap<>();

    /** Nothing waits. */
    UnsettledAppends(Deadlines deadlines, Leadership leadership) {
        this.deadlines = deadlines;
        this.leadership = leadership;
    }

    /** Appends where the partition is led here, at once or when it is; fails with {@link LogException} otherwise. */
    CompletableFuture<AppendResult> append(AppendRequest request, long nowNanos) {
        PartitionId id = request.partition();
        if (lines.containsKey(id)) {
            settle(List.of(id));
        }
        return switch (leadership.standing(id)) {
            case HERE -> leadership.append(request);
            case NOT_HERE -> CompletableFuture.failedFuture(leadership.whyNotLed(id));
            case UNSETTLED -> await(request, nowNanos);
        };
    }

    private CompletableFuture<AppendResult> await(AppendRequest request, long nowNanos) {
        PartitionId id = request.partition();
        Line line = lines.computeIfAbsent(id, _ -> new Line(nowNanos + PATIENCE.toNanos(), new ArrayDeque<>()));
        if (line.untilNanos() - nowNanos <= 0) {
            return CompletableFuture.failedFuture(leadership.whyNotLed(id));
        }
        var one = new Waiting(request);
        one.deadline = deadlines.at(Math.min(line.untilNanos(), request.deadlineNanos()), () -> {
            line.waiting().remove(one);
            one.answer.completeExceptionally(leadership.whyNotLed(id));
        });
        line.waiting().add(one);
        return one.answer;
    }

    /** Leadership of some partitions may have been settled. */
    void look() {
        if (!lines.isEmpty()) {
            settle(List.copyOf(lines.keySet()));
        }
    }

    private void settle(List<PartitionId> ids) {
        boolean appended = false;
        for (PartitionId id : ids) {
            Standing standing = leadership.standing(id);
            Line line = standing == Standing.UNSETTLED ? null : lines.remove(id);
            if (line != null) {
                line.waiting().forEach(one -> settle(one, standing));
                appended |= standing == Standing.HERE && !line.waiting().isEmpty();
            }
        }
        if (appended) {
            leadership.flush();
        }
    }

    private void settle(Waiting one, Standing standing) {
        cancelDeadline(one);
        if (standing == Standing.NOT_HERE) {
            one.answer.completeExceptionally(leadership.whyNotLed(one.request.partition()));
            return;
        }
        leadership.append(one.request).whenComplete((result, failure) -> {
            if (failure == null) {
                one.answer.complete(result);
            } else {
                one.answer.completeExceptionally(FutureFailure.cause(failure));
            }
        });
    }

    /** Refuses what waits. */
    void close(LogException cause) {
        var all = List.copyOf(lines.values());
        lines.clear();
        for (Line line : all) {
            for (Waiting one : line.waiting()) {
                cancelDeadline(one);
                one.answer.completeExceptionally(cause);
            }
        }
    }

    private static void cancelDeadline(Waiting one) {
        if (one.deadline != null) {
            one.deadline.cancel();
        }
    }

    /** How many appends wait. */
    int size() {
        return lines.values().stream().mapToInt(line -> line.waiting().size()).sum();
    }
}
