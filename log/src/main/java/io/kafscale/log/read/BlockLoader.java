package io.kafscale.log.read;

import static java.util.concurrent.CompletableFuture.completedFuture;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.segment.SegmentFooter;
import io.kafscale.log.segment.LoadedIndex;
import io.kafscale.objectstore.ObjectStore;
import io.kafscale.objectstore.ReadMemory;
import io.kafscale.runtime.References;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads blocks of one segment and verifies them, where the store completes its futures. Immutable; any thread.
 *
 * @param memory where blocks go, until whoever uses them last has released them
 * @param object key of the {@code .kfs} object
 */
record BlockLoader(ObjectStore store, ReadMemory memory, String object, LoadedIndex index) {
    private static final Logger LOG = LoggerFactory.getLogger(BlockLoader.class);

    int position(int block) {
        return index.blocks().position(block);
    }

    int length(int block) {
        return index.blocks().length(block);
    }

    /** A damaged block is read once more: the damage may be of the transfer. */
    CompletableFuture<CachedObject> load(int block) {
        return loadOnce(block)
                .thenCompose(loaded -> loaded.run().isDamaged() ? loadAgain(loaded, block) : completedFuture(loaded))
                .thenApply(loaded -> {
                    if (loaded.run().isDamaged()) {
                        LOG.error(
                                "stored records are damaged: {}",
                                loaded.run().firstDamage().getMessage());
                    }
                    return loaded;
                });
    }

    private CompletableFuture<CachedObject.Block> loadAgain(CachedObject.Block damaged, int block) {
        damaged.memory().release();
        return loadOnce(block);
    }

    private CompletableFuture<CachedObject.Block> loadOnce(int block) {
        int footer = index.blocks().isLast(block) ? SegmentFooter.BYTES : 0;
        return store.getRange(object, position(block), length(block) + footer, memory)
                .thenApply(bytes ->
                        new CachedObject.Block(verified(block, bytes), new References(() -> memory.giveBack(bytes))));
    }

    private BatchRun verified(int block, ByteBuffer bytes) {
        int length = Math.min(bytes.remaining(), length(block));
        ByteBuffer batches = bytes.slice(bytes.position(), length);
        BatchRun run = BatchRun.verify(batches, object, position(block), new BlockExpectation(index, block));
        if (index.blocks().isLast(block) && !run.isDamaged()) {
            checkFooter(
                    bytes.slice(bytes.position() + length, bytes.remaining() - length),
                    position(block) + length + (long) SegmentFooter.BYTES);
        }
        return run;
    }

    /** Every batch says for itself that it is intact, so a damaged footer is worth a warning and nothing more. */
    private void checkFooter(ByteBuffer footer, long fileLength) {
        String found;
        try {
            var parsed = SegmentFooter.parse(footer, fileLength, object);
            boolean crcMatches = index.extension()
                    .map(known -> known.identity().bodyCrc() == parsed.bodyCrc())
                    .orElse(true);
            if (crcMatches && parsed.lastOffset() == index.lastOffset()) {
                return;
            }
            found = parsed.toString();
        } catch (CorruptObjectException damaged) {
            found = damaged.getMessage();
        }
        LOG.warn("the footer of segment {} is not the one its index was built with: {}", object, found);
    }
}
