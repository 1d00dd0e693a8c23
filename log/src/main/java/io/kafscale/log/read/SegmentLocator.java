package io.kafscale.log.read;

import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.segment.LoadedIndex;
import io.kafscale.log.segment.Segment;
import io.kafscale.log.segment.SegmentIndexes;
import io.kafscale.log.segment.StoredPartition;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Finds the segment that holds an offset. Segments of different leaders may overlap; content at an offset never differs, so any
 * that holds it will do, and the newest that starts at or below it nearly always does. Belongs to the log loop.
 */
final class SegmentLocator {
    /** A segment and its index. */
    record Located(Segment segment, LoadedIndex index) {}

    private final SegmentIndexes indexes;

    SegmentLocator(SegmentIndexes indexes) {
        this.indexes = indexes;
    }

    /**
     * The segment that holds {@code offset}, which lies below the segment end. Lists the partition only if what is known of it does
     * not say.
     *
     * @return fails with a {@link LogException} of kind CORRUPT if there is none, else as the index does
     */
    CompletableFuture<Located> locate(StoredPartition partition, long offset) {
        Map.Entry<Long, Segment> known = partition.catalog().known().floorEntry(offset);
        if (known != null && known.getValue().isKnownToHold(offset)) {
            Segment segment = known.getValue();
            return indexes.of(partition.place(), segment).thenApply(index -> new Located(segment, index));
        }
        return partition.catalog().listed().thenCompose(nothing -> search(partition, offset, offset + 1));
    }

    private CompletableFuture<Located> search(StoredPartition partition, long offset, long below) {
        Map.Entry<Long, Segment> candidate = partition.catalog().known().lowerEntry(below);
        if (candidate == null) {
            return CompletableFuture.failedFuture(new LogException(
                    Kind.CORRUPT,
                    "no segment of " + partition.place() + " holds offset " + offset
                            + ", which lies between its log start " + partition.logStart() + " and its segment end "
                            + partition.segmentEnd()));
        }
        Segment segment = candidate.getValue();
        if (segment.facts().isPresent() && segment.facts().get().lastOffset() < offset) {
            return search(partition, offset, segment.baseOffset());
        }
        return indexes.of(partition.place(), segment).thenCompose(index -> {
            partition.catalog().learn(segment.baseOffset(), index.facts());
            return index.lastOffset() >= offset
                    ? CompletableFuture.completedFuture(new Located(segment, index))
                    : search(partition, offset, segment.baseOffset());
        });
    }
}
