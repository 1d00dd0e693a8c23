package io.kafscale.log.read;

import io.kafscale.format.segment.EpochStart;
import io.kafscale.format.segment.IndexEntry;
import io.kafscale.format.segment.IndexExtension;
import io.kafscale.log.segment.LoadedIndex;
import java.util.Optional;

/**
 * What an index says of the batches in one block.
 *
 * @param block which one
 */
record BlockExpectation(LoadedIndex index, int block) implements BatchRun.Expectation {
    @Override
    public long firstOffset() {
        return index.blocks().baseOffset(block);
    }

    @Override
    public long endOffset() {
        if (index.blocks().isLast(block)) {
            return index.lastOffset() + 1;
        }
        return index.dense() ? index.blocks().baseOffset(block + 1) : 0;
    }

    @Override
    public boolean dense() {
        return index.dense();
    }

    @Override
    public boolean mayBe(int leaderEpoch, long baseOffset) {
        Optional<IndexExtension> extension = index.extension();
        if (extension.isEmpty()) {
            return true;
        }
        int expected = -1;
        for (EpochStart start : extension.get().epochs()) {
            if (start.startOffset() > baseOffset) {
                break;
            }
            expected = start.leaderEpoch();
        }
        return leaderEpoch == expected;
    }

    @Override
    public Optional<BatchRun.Start> startAfter(long offset) {
        return index.index().higher(offset).map(BlockExpectation::start);
    }

    private static BatchRun.Start start(IndexEntry entry) {
        return new BatchRun.Start(entry.offset(), entry.position());
    }
}
