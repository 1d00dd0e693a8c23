package io.kafscale.log.read;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.segment.SegmentFooter;
import io.kafscale.log.segment.LoadedIndex;
import io.kafscale.objectstore.ObjectStore;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads blocks of one segment and verifies them, where the store completes its futures. Immutable; any thread.
 *
 * @param object key of the {@code .kfs} object
 */
record BlockLoader(ObjectStore store, String object, LoadedIndex index) {
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
                .thenCompose(run -> run.isDamaged() ? loadOnce(block) : CompletableFuture.completedFuture(run))
                .thenApply(run -> {
                    if (run.isDamaged()) {
                        LOG.error(
                                "stored records are damaged: {}",
                                run.firstDamage().getMessage());
                    }
                    return new CachedObject.Block(run);
                });
    }

    private CompletableFuture<BatchRun> loadOnce(int block) {
        int footer = index.blocks().isLast(block) ? SegmentFooter.BYTES : 0;
        return store.getRange(object, position(block), length(block) + footer)
                .thenApply(bytes -> verified(block, bytes));
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
