package io.kafscale.log.segment;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.log.TopicSettings;
import io.kafscale.log.internal.LoopFutures;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * One look at a listed partition: from its oldest segment upwards, as long as segments are too old or the rest is still too large.
 * Reads the index of a segment only if that segment decides something. Belongs to the log loop.
 */
final class RetentionSweep {
    private final StoredPartition partition;
    private final SegmentIndexes indexes;
    private final long nowMs;
    private @Nullable Duration nextDue;

    RetentionSweep(StoredPartition partition, SegmentIndexes indexes, long nowMs) {
        this.partition = partition;
        this.indexes = indexes;
        this.nowMs = nowMs;
    }

    /** Where the log should start, which may be where it starts already. */
    CompletableFuture<Long> newLogStart() {
        if (partition.settings().keepsEverything()) {
            return CompletableFuture.completedFuture(partition.logStart());
        }
        var live = partition.catalog().known().values().stream()
                .filter(segment -> segment.baseOffset() < partition.segmentEnd())
                .toList();
        long bytes = partition.waiting().bytes()
                + live.stream().mapToLong(Segment::sizeBytes).sum();
        return next(live, 0, bytes, partition.logStart());
    }

    private CompletableFuture<Long> next(List<Segment> live, int i, long bytesFromHere, long logStart) {
        if (i == live.size()) {
            return CompletableFuture.completedFuture(logStart);
        }
        return known(live.get(i)).thenCompose(segment -> {
            long end = segment.facts().orElseThrow().lastOffset() + 1;
            boolean below = end <= logStart;
            if (below || isTooOld(segment) || isTooMuch(bytesFromHere, segment)) {
                return next(live, i + 1, bytesFromHere - segment.sizeBytes(), Math.max(logStart, end));
            }
            return CompletableFuture.completedFuture(logStart);
        });
    }

    /** As Kafka: by the largest timestamp in the segment or, if records have none, by the time it was written. */
    private boolean isTooOld(Segment segment) {
        TopicSettings settings = partition.settings();
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
        var limit = partition.settings().retentionBytes();
        return limit.isPresent() && bytesFromHere - segment.sizeBytes() >= limit.getAsLong();
    }

    /** When the oldest segment that stays comes of age; empty if none does. */
    Optional<Duration> nextDue() {
        return Optional.ofNullable(nextDue);
    }

    /** Segments of which no record can be read any more. */
    CompletableFuture<List<Long>> whollyBelowLogStart() {
        var candidates = List.copyOf(
                partition.catalog().known().headMap(partition.logStart(), false).values());
        return below(candidates, 0, new ArrayList<>());
    }

    private CompletableFuture<List<Long>> below(List<Segment> candidates, int i, List<Long> found) {
        if (i == candidates.size()) {
            return CompletableFuture.completedFuture(found);
        }
        return known(candidates.get(i)).thenCompose(segment -> {
            if (segment.facts().orElseThrow().lastOffset() < partition.logStart()) {
                found.add(segment.baseOffset());
            }
            return below(candidates, i + 1, found);
        });
    }

    private CompletableFuture<Segment> known(Segment listed) {
        if (listed.facts().isPresent()) {
            return CompletableFuture.completedFuture(listed);
        }
        return indexes.of(partition.place(), listed).handle((loaded, failure) -> {
            if (failure != null) {
                return assumed(listed, LoopFutures.unwrap(failure));
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
