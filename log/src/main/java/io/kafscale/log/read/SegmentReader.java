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
     * Reads from {@code offset} on, within one segment.
     *
     * @param readAhead how many blocks behind those that are needed are fetched too
     */
    CompletableFuture<BatchSlices> read(StoredPartition partition, ReadRange range, int readAhead) {
        return locator.locate(partition, range.offset())
                .thenCompose(found -> read(partition, found, range, readAhead)
                        .exceptionallyCompose(failure -> LogReader.isDamage(failure)
                                        && found.index().extension().isEmpty()
                                ? readWithNewIndex(partition, found, range)
                                : CompletableFuture.failedFuture(failure)));
    }

    /** Nothing protects an index that others wrote: what looks like damaged records may be a damaged index. */
    private CompletableFuture<BatchSlices> readWithNewIndex(StoredPartition partition, Located found, ReadRange range) {
        return indexes.rebuilt(partition.place(), found.segment())
                .thenCompose(index -> read(partition, new Located(found.segment(), index), range, 0));
    }

    private CompletableFuture<BatchSlices> read(
            StoredPartition partition, Located found, ReadRange range, int readAhead) {
        return read(partition, found, range, found.index().blocks().holding(range.offset()), readAhead);
    }

    private CompletableFuture<BatchSlices> read(
            StoredPartition partition, Located found, ReadRange range, int first, int readAhead) {
        LoadedIndex index = found.index();
        long base = found.segment().baseOffset();
        SegmentBlocks blocks = index.blocks();
        int from = Math.max(
                blocks.position(first), index.index().floor(range.offset()).position());
        int end = first + 1;
        while (end < blocks.count() && end - first < MOST_BLOCKS && blocks.position(end) - from < range.maxBytes()) {
            end++;
        }
        List<CompletableFuture<BatchRun>> needed = new ArrayList<>();
        for (int block = first; block < end; block++) {
            needed.add(cache.block(partition.place(), base, index, block));
        }
        for (int block = end; block < end + readAhead && block < blocks.count(); block++) {
            if (!cache.prefetchBlock(partition.place(), base, index, block)) {
                break;
            }
        }
        int next = end;
        return new RunSequence(needed, range).read().thenCompose(read -> {
            boolean onlyGap = read.isEmpty() && range.atLeastOne() && !index.dense() && next < blocks.count();
            return onlyGap ? read(partition, found, range, next, 0) : CompletableFuture.completedFuture(read);
        });
    }
}
