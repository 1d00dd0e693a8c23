package io.kafscale.log.read;

import io.kafscale.log.internal.Deadlines;
import io.kafscale.log.partition.HighWatermarkWatcher;
import io.kafscale.log.partition.PartitionLog;
import io.kafscale.runtime.EventLoop;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A fetch that waits for bytes. It adds up what its partitions report and wakes when that is enough, when one of them is no longer
 * led here, or at the deadline; nobody looks at it in between. Belongs to the log loop.
 */
final class FetchWaiter implements HighWatermarkWatcher {
    private static final class Share {
        long bytes;
        final int most;

        Share(long bytes, int most) {
            this.bytes = bytes;
            this.most = most;
        }

        long counted() {
            return Math.min(bytes, most);
        }
    }

    private final EventLoop loop;
    private final int minBytes;
    private final Map<PartitionLog, Share> shares = new LinkedHashMap<>();
    private final CompletableFuture<Void> woken = new CompletableFuture<>();
    private Deadlines.@Nullable Pending deadline;
    private long counted;
    private boolean waking;

    FetchWaiter(EventLoop loop, int minBytes) {
        this.loop = loop;
        this.minBytes = minBytes;
    }

    /**
     * A partition of the fetch.
     *
     * @param bytes that can be read of it now
     * @param most of it that the fetch will take
     */
    void add(PartitionLog log, long bytes, int most) {
        var share = new Share(bytes, most);
        if (shares.putIfAbsent(log, share) == null) {
            counted += share.counted();
        }
    }

    boolean hasEnough() {
        return counted >= minBytes;
    }

    /** Completes when there is something to do. */
    CompletableFuture<Void> park(Deadlines all, long deadlineNanos) {
        shares.keySet().forEach(log -> log.watch(this));
        deadline = all.at(deadlineNanos, this::wake);
        return woken;
    }

    @Override
    public void advanced(PartitionLog log, long bytes) {
        Share share = shares.get(log);
        if (share == null || waking) {
            return;
        }
        counted -= share.counted();
        share.bytes += bytes;
        counted += share.counted();
        if (hasEnough()) {
            wakeSoon();
        }
    }

    @Override
    public void closed(PartitionLog log) {
        if (!waking) {
            wakeSoon();
        }
    }

    /** After the other partitions of the same WAL object have moved too, so that they are part of the answer. */
    private void wakeSoon() {
        waking = true;
        loop.execute(this::wake);
    }

    private void wake() {
        if (woken.isDone()) {
            return;
        }
        waking = true;
        if (deadline != null) {
            deadline.cancel();
        }
        shares.keySet().forEach(log -> log.unwatch(this));
        woken.complete(null);
    }
}
