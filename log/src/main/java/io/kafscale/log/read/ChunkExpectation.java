package io.kafscale.log.read;

import io.kafscale.log.segment.WaitingChunk;
import java.util.Optional;

/** What the directory of waiting chunks says of the batches in one. */
record ChunkExpectation(WaitingChunk chunk) implements BatchRun.Expectation {
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
        return Optional.empty();
    }
}
