package io.kafscale.log.read;

import io.kafscale.log.partition.BatchSlices;
import io.kafscale.log.read.SegmentLocator.Located;
import io.kafscale.log.segment.LoadedIndex;
import io.kafscale.log.segment.SegmentBlocks;
import io.kafscale.log.segment.SegmentIndexes;
import io.kafscale.log.segment.StoredPartition;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Reads from segments, a few blocks at a time, and ahead of readers that go on where they stopped. Belongs to the log loop. */
final class SegmentReader {
    /** Most blocks one read waits for. */
    private static final int MOST_BLOCKS = 8;

    private final BlockCache cache;
    private final SegmentIndexes indexes;
    private final SegmentLocator locator;

    SegmentReader(BlockCache cache, SegmentIndexes indexes) {
        this.cache = cache;
        this.indexes = indexes;
        this.locator = new SegmentLocator(indexes);
    }

    /**
     * Reads from the range's offset on, within one segment.
     */
    CompletableFuture<BatchSlices> read(StoredPartition partition, ReadRange range, Access access) {
        return locator.locate(partition, range.offset())
                .thenCompose(found -> read(partition, found, range, access)
                        .exceptionallyCompose(failure -> LogReader.isDamage(failure)
                                        && found.index().extension().isEmpty()
                                ? readWithNewIndex(partition, found, range, access)
                                : CompletableFuture.failedFuture(failure)));
    }

    /** Nothing protects an index that others wrote: what looks like damaged records may be a damaged index. */
    private CompletableFuture<BatchSlices> readWithNewIndex(
            StoredPartition partition, Located found, ReadRange range, Access access) {
        return indexes.rebuilt(partition.place(), found.segment())
                .thenCompose(index -> read(partition, new Located(found.segment(), index), range, access));
    }

    private CompletableFuture<BatchSlices> read(
            StoredPartition partition, Located found, ReadRange range, Access access) {
        LoadedIndex index = found.index();
        BlockLoader segment = cache.segment(partition.place(), found.segment().baseOffset(), index);
        int from = index.index().floor(range.offset()).position();
        int first = index.blocks().holding(range.offset());
        if (access.readAhead() > 0
                && first + 1 + access.readAhead() >= index.blocks().count()) {
            prefetchNextSegment(partition, index.lastOffset() + 1);
        }
        return read(segment, range, first, from, access);
    }

    /** A reader that comes to the end of a segment finds the first block of the next one on its way. */
    private void prefetchNextSegment(StoredPartition partition, long nextOffset) {
        if (nextOffset < partition.segmentEnd()) {
            locator.locate(partition, nextOffset)
                    .thenAccept(next -> cache.prefetch(
                            cache.segment(partition.place(), next.segment().baseOffset(), next.index()),
                            next.index().blocks().holding(nextOffset)));
        }
    }

    /**
     * Reads from a block on.
     *
     * @param from position where reading starts
     */
    private CompletableFuture<BatchSlices> read(
            BlockLoader segment, ReadRange range, int first, int from, Access access) {
        SegmentBlocks blocks = segment.index().blocks();
        int end = first + 1;
        while (end < blocks.count() && end - first < MOST_BLOCKS && blocks.position(end) - from < range.maxBytes()) {
            end++;
        }
        List<CompletableFuture<BatchRun>> needed = new ArrayList<>();
        for (int block = first; block < end; block++) {
            needed.add(cache.block(segment, block, access));
        }
        for (int block = end; block < end + access.readAhead() && block < blocks.count(); block++) {
            if (!cache.prefetch(segment, block)) {
                break;
            }
        }
        int next = end;
        return new RunSequence(needed, range).read().thenCompose(read -> {
            boolean onlyGap =
                    read.isEmpty() && range.atLeastOne() && !segment.index().dense() && next < blocks.count();
            return onlyGap
                    ? read(segment, range, next, blocks.position(next), access)
                    : CompletableFuture.completedFuture(read);
        });
    }
}
