package io.kafscale.log.segment;

import io.kafscale.log.internal.Deadlines;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Where one partition stands in the schedule of segments. Belongs to the log loop. */
final class SegmentTurn {
    final StoredPartition partition;

    /** Completes when nothing waits any more, for a partition that is written before it is taken over; null for one that is led. */
    final @Nullable CompletableFuture<Void> inheritance;

    /** Runs when the partition is due. */
    Deadlines.@Nullable Pending timer;

    /** What the timer is set to. */
    long dueNanos;

    /** Rounds that failed since the last one that did not. */
    int failures;

    /** Ready to be worked on, or being worked on. */
    boolean busy;

    /** Never to be worked on again. */
    boolean stopped;

    SegmentTurn(StoredPartition partition, @Nullable CompletableFuture<Void> inheritance) {
        this.partition = partition;
        this.inheritance = inheritance;
    }

    void cancelTimer() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
