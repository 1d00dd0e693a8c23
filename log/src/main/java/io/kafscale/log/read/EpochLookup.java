package io.kafscale.log.read;

import io.kafscale.format.segment.EpochStart;
import io.kafscale.log.EpochEnd;
import io.kafscale.log.partition.PartitionLog;
import io.kafscale.log.segment.Segment;
import io.kafscale.log.segment.SegmentIndexes;
import io.kafscale.log.segment.StoredPartition;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Where leader epochs ended (KIP-101, KIP-320). Recent ones are known from the partition's tenures; older ones are searched in the
 * indexes of segments, of which a binary search reads few. Belongs to the log loop; futures complete on it and fail with {@link
 * io.kafscale.log.LogException}.
 */
public final class EpochLookup {
    private final SearchedIndexes indexes;

    /** Searches in {@code indexes}. */
    public EpochLookup(SegmentIndexes indexes) {
        this.indexes = new SearchedIndexes(indexes);
    }

    /** The largest epoch that is not above {@code epoch}, and the offset after its last record. */
    public CompletableFuture<EpochEnd> endOf(PartitionLog log, int epoch) {
        Optional<EpochEnd> recent = log.epochs().endOf(epoch, log.highWatermark());
        if (recent.isPresent()) {
            return CompletableFuture.completedFuture(recent.get());
        }
        StoredPartition partition = log.stored();
        return partition
                .catalog()
                .listed()
                .thenCompose(nothing -> {
                    List<Segment> live = SearchedIndexes.segmentsOf(partition);
                    return new Search(log, epoch, live).between(0, live.size());
                })
                .exceptionallyCompose(failure -> LogReader.failed(log, log.logStart(), failure));
    }

    /** Finds the last segment that starts in an epoch not above the one asked for. */
    private final class Search {
        private final PartitionLog log;
        private final int epoch;
        private final List<Segment> segments;

        Search(PartitionLog log, int epoch, List<Segment> segments) {
            this.log = log;
            this.epoch = epoch;
            this.segments = segments;
        }

        /**
         * Segments below {@code low} start at or below the epoch or are gone, with all below them; those from {@code high} on start
         * above it.
         */
        CompletableFuture<EpochEnd> between(int low, int high) {
            if (low == high) {
                return conclude(low);
            }
            int middle = (low + high) >>> 1;
            return epochsOf(middle)
                    .thenCompose(starts -> starts.isEmpty() || starts.getFirst().leaderEpoch() <= epoch
                            ? between(middle + 1, high)
                            : between(low, middle));
        }

        private CompletableFuture<EpochEnd> conclude(int above) {
            CompletableFuture<Long> nextStart = above < segments.size()
                    ? CompletableFuture.completedFuture(segments.get(above).baseOffset())
                    : CompletableFuture.completedFuture(oldestKnownStart());
            CompletableFuture<List<EpochStart>> last =
                    above == 0 ? CompletableFuture.completedFuture(List.of()) : epochsOf(above - 1);
            return last.thenCombine(nextStart, (starts, end) -> {
                if (starts.isEmpty()) {
                    return new EpochEnd(epoch, Math.max(end, log.logStart()));
                }
                int found = -1;
                for (EpochStart start : starts) {
                    if (start.leaderEpoch() > epoch) {
                        return new EpochEnd(found, start.startOffset());
                    }
                    found = start.leaderEpoch();
                }
                return new EpochEnd(found, end);
            });
        }

        private long oldestKnownStart() {
            Map.Entry<Integer, Long> oldest = log.epochs().oldest();
            return oldest.getValue();
        }

        /** None if the segment is gone. */
        private CompletableFuture<List<EpochStart>> epochsOf(int i) {
            return indexes.of(log.stored(), segments.get(i))
                    .thenApply(found -> found.map(
                                    index -> index.extension().orElseThrow().epochs())
                            .orElse(List.of()));
        }
    }
}
