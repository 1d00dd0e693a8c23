package io.kafscale.log.read;

import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.segment.LoadedIndex;
import io.kafscale.log.segment.Segment;
import io.kafscale.log.segment.SegmentIndexes;
import io.kafscale.log.segment.StoredPartition;
import io.kafscale.runtime.FutureFailure;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Indexes for searches that go through segments one after the other. Retention may delete a segment that a search has still before
 * it: the search passes over it. An object that is not there though its segment still counts is damage. Belongs to the log loop.
 */
final class SearchedIndexes {
    private final SegmentIndexes indexes;

    SearchedIndexes(SegmentIndexes indexes) {
        this.indexes = indexes;
    }

    /**
     * The segments of a partition that has been listed, from the one at its log start on: those below it may be there still.
     *
     * @throws LogException of kind CORRUPT if none of them can hold the log start, though one must
     */
    static List<Segment> segmentsOf(StoredPartition partition) {
        NavigableMap<Long, Segment> known = partition.catalog().known();
        if (partition.logStart() >= partition.segmentEnd()) {
            return List.of();
        }
        Long first = known.floorKey(partition.logStart());
        if (first == null) {
            throw new LogException(
                    Kind.CORRUPT,
                    "no segment of " + partition.place() + " holds its log start " + partition.logStart()
                            + ", and segments go up to " + partition.segmentEnd());
        }
        return List.copyOf(
                known.subMap(first, true, partition.segmentEnd(), false).values());
    }

    /** The index, with extension, of a segment that was there when the search began; empty if it does not count any more. */
    CompletableFuture<Optional<LoadedIndex>> of(StoredPartition partition, Segment segment) {
        if (isDeleted(partition, segment)) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        return indexes.extended(partition.place(), segment)
                .thenApply(index -> {
                    partition.catalog().learn(segment.baseOffset(), index.facts());
                    return Optional.of(index);
                })
                .exceptionallyCompose(failure -> LogReader.isMissing(failure)
                        ? missing(partition, segment, failure)
                        : CompletableFuture.failedFuture(failure));
    }

    private static CompletableFuture<Optional<LoadedIndex>> missing(
            StoredPartition partition, Segment segment, Throwable failure) {
        CompletableFuture<Void> known = isDeleted(partition, segment)
                ? CompletableFuture.completedFuture(null)
                : partition.catalog().refreshAgain();
        return known.thenCompose(nothing -> isDeleted(partition, segment)
                ? CompletableFuture.completedFuture(Optional.empty())
                : CompletableFuture.failedFuture(FutureFailure.cause(failure)));
    }

    /** Whether the segment does not count any more because the log starts behind it, in another one or in the WAL. */
    private static boolean isDeleted(StoredPartition partition, Segment segment) {
        long logStart = partition.logStart();
        Long first = partition.catalog().known().floorKey(logStart);
        return logStart >= partition.segmentEnd() || (first != null && segment.baseOffset() < first);
    }
}
