package io.kafscale.log.segment;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** Chunks that are still in memory, where the segment writer finds them. Called on the log loop. */
public interface ChunkMemory {
    /** Nothing is in memory. */
    ChunkMemory NONE = new ChunkMemory() {
        @Override
        public Optional<List<ByteBuffer>> batchesOf(WaitingChunk chunk) {
            return Optional.empty();
        }

        @Override
        public void dropBelow(long offset) {}
    };

    /** The batches of {@code chunk} as shared, read-only slices, if all of them are in memory. */
    Optional<List<ByteBuffer>> batchesOf(WaitingChunk chunk);

    /** The log start has moved: nothing below {@code offset} is read any more. */
    void dropBelow(long offset);
}
