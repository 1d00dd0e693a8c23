package io.kafscale.log.segment;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.log.TopicSettings;
import io.kafscale.log.internal.LoopFutures;
import io.kafscale.runtime.FutureFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * One look at a listed partition: from its oldest segment upwards, as long as segments are too old or the rest is still too large.
 * Reads the index of a segment only if that segment decides something. It goes by the topic's configs of one moment: a mixture of
 * two may delete what neither would. Belongs to the log loop.
 */
final class RetentionSweep {
    private final StoredPartition partition;
    private final TopicSettings settings;
    private final SegmentIndexes indexes;
    private final long nowMs;
    private @Nullable Duration nextDue;

    RetentionSweep(StoredPartition partition, SegmentIndexes indexes, long nowMs) {
        this.partition = partition;
        this.settings = partition.settings();
        this.indexes = indexes;
        this.nowMs = nowMs;
    }

    /** Where the log should start, which may be where it starts already. */
    CompletableFuture<Long> newLogStart() {
        var target = new Target();
        return target.find().thenApply(nothing -> target.logStart);
    }

    /** Goes up the segments as long as they are to be deleted. */
    private final class Target {
        private final Iterator<Segment> segments;
        private long bytesFromHere = partition.waiting().bytes();
        private long logStart = partition.logStart();
        private boolean stays = settings.keepsEverything();

        Target() {
            List<Segment> live = List.copyOf(partition
                    .catalog()
                    .known()
                    .headMap(partition.segmentEnd(), false)
                    .values());
            live.forEach(segment -> bytesFromHere += segment.sizeBytes());
            segments = live.iterator();
        }

        CompletableFuture<Void> find() {
            return LoopFutures.repeat(() ->
                    stays || !segments.hasNext() ? null : known(segments.next()).thenAccept(this::consider));
        }

        private void consider(Segment segment) {
            long end = segment.facts().orElseThrow().lastOffset() + 1;
            if (end <= logStart || isTooOld(segment) || isTooMuch(bytesFromHere, segment)) {
                bytesFromHere -= segment.sizeBytes();
                logStart = Math.max(logStart, end);
            } else {
                stays = true;
            }
        }
    }

    /** As Kafka: by the largest timestamp in the segment or, if records have none, by the time it was written. */
    private boolean isTooOld(Segment segment) {
        if (settings.retention().isEmpty()) {
            return false;
        }
        long maxTimestampMs = segment.facts().orElseThrow().maxTimestampMs();
        long newestMs = maxTimestampMs < 0 ? segment.writtenMs() : maxTimestampMs;
        long leftMs = saturatedSum(newestMs, settings.retention().get().toMillis()) - nowMs;
        if (leftMs < 0) {
            return true;
        }
        nextDue = Duration.ofMillis(leftMs + 1);
        return false;
    }

    private static long saturatedSum(long a, long b) {
        long sum = a + b;
        return a >= 0 && b >= 0 && sum < 0 ? Long.MAX_VALUE : sum;
    }

    /** As Kafka: a segment goes only if what remains without it is still as much as is to be kept. */
    private boolean isTooMuch(long bytesFromHere, Segment segment) {
        var limit = settings.retentionBytes();
        return limit.isPresent() && bytesFromHere - segment.sizeBytes() >= limit.getAsLong();
    }

    /** Whether the configs are still those it goes by. */
    boolean isCurrent() {
        return settings.equals(partition.settings());
    }

    /** When the oldest segment that stays comes of age; empty if none does. */
    Optional<Duration> nextDue() {
        return Optional.ofNullable(nextDue);
    }

    /** Segments of which no record can be read any more. */
    CompletableFuture<List<Long>> whollyBelowLogStart() {
        long logStart = partition.logStart();
        var candidates = List.copyOf(
                        partition.catalog().known().headMap(logStart, false).values())
                .iterator();
        var found = new ArrayList<Long>();
        return LoopFutures.repeat(() -> !candidates.hasNext()
                        ? null
                        : known(candidates.next()).thenAccept(segment -> {
                            if (segment.facts().orElseThrow().lastOffset() < logStart) {
                                found.add(segment.baseOffset());
                            }
                        }))
                .thenApply(nothing -> found);
    }

    private CompletableFuture<Segment> known(Segment listed) {
        if (listed.facts().isPresent()) {
            return CompletableFuture.completedFuture(listed);
        }
        return indexes.of(partition.place(), listed).handle((loaded, failure) -> {
            if (failure != null) {
                return assumed(listed, FutureFailure.cause(failure));
            }
            partition.catalog().learn(listed.baseOffset(), loaded.facts());
            return listed.with(loaded.facts());
        });
    }

    /** A segment that is damaged beyond an index must not keep everything after it for ever: it ends where the next one starts. */
    private Segment assumed(Segment listed, Throwable failure) {
        if (!(failure instanceof CorruptObjectException)) {
            throw new CompletionException(failure);
        }
        Long next = partition.catalog().known().higherKey(listed.baseOffset());
        long end = next == null ? partition.segmentEnd() : Math.min(next, partition.segmentEnd());
        return listed.with(new Segment.Facts(end - 1, -1));
    }
}
