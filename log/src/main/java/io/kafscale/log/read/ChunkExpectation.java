package io.kafscale.log.read;

import io.kafscale.format.wal.WalBatch;
import io.kafscale.log.segment.WaitingChunk;
import java.util.List;
import java.util.Optional;

/**
 * What is known of the batches in a chunk.
 *
 * @param batches what the object's footer says of each, or none: it is only asked for if there is damage
 */
record ChunkExpectation(WaitingChunk chunk, List<WalBatch> batches) implements BatchRun.Expectation {
    @Override
    public long firstOffset() {
        return chunk.baseOffset();
    }

    @Override
    public boolean dense() {
        return true;
    }

    @Override
    public boolean mayBe(int leaderEpoch, long baseOffset) {
        return leaderEpoch == chunk.leaderEpoch();
    }

    @Override
    public Optional<BatchRun.Start> startAfter(long offset) {
        return batches.stream()
                .filter(batch -> batch.baseOffset() > offset)
                .findFirst()
                .map(batch -> new BatchRun.Start(batch.baseOffset(), batch.position()));
    }
}
