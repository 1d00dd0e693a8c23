package io.kafscale.log.read;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.wal.WalBatch;
import io.kafscale.format.wal.WalChunk;
import io.kafscale.format.wal.WalData;
import io.kafscale.format.wal.WalObjectReader;
import io.kafscale.format.wal.WalTail;
import io.kafscale.log.segment.WaitingChunk;
import io.kafscale.runtime.References;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What {@link BlockCache} keeps. Belongs to the log loop. */
sealed interface CachedObject {
    /** Estimate of the memory it takes, in bytes. */
    long memoryBytes();

    /** Who uses that memory: the cache, and those who read. */
    References memory();

    /** A block of a segment. */
    record Block(BatchRun run, References memory) implements CachedObject {
        @Override
        public long memoryBytes() {
            return run.memoryBytes();
        }
    }

    /** A whole WAL object. The batches of a chunk are verified when the first reader asks for them. */
    final class Wal implements CachedObject {
        private static final Logger LOG = LoggerFactory.getLogger(CachedObject.class);

        private final String object;
        private final ByteBuffer bytes;
        private final boolean readAgain;
        private final References memory;
        private final Map<Integer, BatchRun> runs = new HashMap<>();

        Wal(String object, ByteBuffer bytes, boolean readAgain, References memory) {
            this.object = object;
            this.bytes = bytes;
            this.readAgain = readAgain;
            this.memory = memory;
        }

        /** Whether it was read a second time, because the first time it was damaged. */
        boolean readAgain() {
            return readAgain;
        }

        @Override
        public References memory() {
            return memory;
        }

        @Override
        public long memoryBytes() {
            return bytes.capacity() + bytes.capacity() / 16 + 128L;
        }

        /** Whether somebody has asked for this chunk before. */
        boolean hasRead(WaitingChunk chunk) {
            return runs.containsKey(chunk.position());
        }

        BatchRun chunk(WaitingChunk chunk) {
            return runs.computeIfAbsent(chunk.position(), position -> verified(chunk));
        }

        private BatchRun verified(WaitingChunk chunk) {
            int from = Math.min(chunk.position(), bytes.remaining());
            int length = Math.min(chunk.length(), bytes.remaining() - from);
            ByteBuffer batches = bytes.slice(bytes.position() + from, length);
            var run = BatchRun.verify(batches, object, chunk.position(), new ChunkExpectation(chunk, List.of()));
            if (!run.isDamaged()) {
                return run;
            }
            LOG.error("stored records are damaged: {}", run.firstDamage().getMessage());
            return BatchRun.verify(
                    batches, object, chunk.position(), new ChunkExpectation(chunk, batchesInFooter(chunk.position())));
        }

        private List<WalBatch> batchesInFooter(int position) {
            try {
                var tail = new WalObjectReader().parseTail(bytes, bytes.remaining(), object);
                if (tail instanceof WalTail.Complete complete && complete.footer() instanceof WalData data) {
                    for (WalChunk chunk : data.chunks()) {
                        if (chunk.position() == position) {
                            return chunk.batches();
                        }
                    }
                }
            } catch (CorruptObjectException damaged) {
                LOG.error("the footer is damaged too: {}", damaged.getMessage());
            }
            return List.of();
        }
    }
}
