package io.kafscale.log.read;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.ObjectLayout;
import io.kafscale.format.StreamId;
import io.kafscale.format.segment.SegmentFooter;
import io.kafscale.format.wal.WalLimits;
import io.kafscale.log.internal.CacheStatistics;
import io.kafscale.log.internal.SingleFlightCache;
import io.kafscale.log.segment.LoadedIndex;
import io.kafscale.log.segment.PartitionPlace;
import io.kafscale.log.segment.SegmentBlocks;
import io.kafscale.log.segment.WaitingChunk;
import io.kafscale.objectstore.ObjectStore;
import io.kafscale.runtime.EventLoop;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was read of segments and WAL objects, by object and place: blocks of segments, and WAL objects whole, once for all
 * partitions that have something in them. One request per key is under way however many want it. Bounded apart from the memory tail,
 * so readers far behind never evict what readers at the end need. Belongs to the log loop.
 */
public final class BlockCache {
    /** Expected size of a WAL object, of which the directory of chunks does not say how large it is. */
    private static final int EXPECTED_WAL_BYTES = 4 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(BlockCache.class);

    private record Key(String object, int position) {}

    private sealed interface Cached {
        long heapBytes();
    }

    private record Block(BatchRun run) implements Cached {
        @Override
        public long heapBytes() {
            return run.heapBytes();
        }
    }

    /** A WAL object; the batches of a chunk are verified when they are first read. */
    private record WalObject(ByteBuffer bytes, Map<Integer, BatchRun> runs) implements Cached {
        @Override
        public long heapBytes() {
            return bytes.capacity() + bytes.capacity() / 16 + 128L;
        }
    }

    private final ObjectStore store;
    private final ObjectLayout layout;
    private final SingleFlightCache<Key, Cached> cache;

    /** An empty cache. */
    public BlockCache(ObjectStore store, ObjectLayout layout, EventLoop loop, ReadSettings settings) {
        this.store = store;
        this.layout = layout;
        this.cache = new SingleFlightCache<>(loop, settings.cacheBytes(), settings.loadingBytes(), Cached::heapBytes);
    }

    /** The verified batches of one block of a segment. */
    CompletableFuture<BatchRun> block(PartitionPlace place, long segmentBase, LoadedIndex index, int block) {
        String object = place.segmentKey(layout, segmentBase);
        SegmentBlocks blocks = index.blocks();
        return cache.get(
                        new Key(object, blocks.position(block)), blocks.length(block), () -> load(object, index, block))
                .thenApply(cached -> ((Block) cached).run());
    }

    /** Reads a block ahead, if there is room for it. Returns whether it is there or on its way. */
    boolean prefetchBlock(PartitionPlace place, long segmentBase, LoadedIndex index, int block) {
        String object = place.segmentKey(layout, segmentBase);
        SegmentBlocks blocks = index.blocks();
        return cache.prefetch(
                new Key(object, blocks.position(block)), blocks.length(block), () -> load(object, index, block));
    }

    /** A damaged block is read once more: the damage may be of the transfer. */
    private CompletableFuture<Cached> load(String object, LoadedIndex index, int block) {
        return loadOnce(object, index, block)
                .thenCompose(run ->
                        run.isDamaged() ? loadOnce(object, index, block) : CompletableFuture.completedFuture(run))
                .thenApply(run -> {
                    if (run.isDamaged()) {
                        LOG.error(
                                "stored records are damaged: {}",
                                run.firstDamage().getMessage());
                    }
                    return new Block(run);
                });
    }

    private CompletableFuture<BatchRun> loadOnce(String object, LoadedIndex index, int block) {
        SegmentBlocks blocks = index.blocks();
        int footer = blocks.isLast(block) ? SegmentFooter.BYTES : 0;
        return store.getRange(object, blocks.position(block), blocks.length(block) + footer)
                .thenApply(bytes -> verified(object, index, block, bytes));
    }

    private static BatchRun verified(String object, LoadedIndex index, int block, ByteBuffer bytes) {
        int length = Math.min(bytes.remaining(), index.blocks().length(block));
        ByteBuffer batches = bytes.slice(bytes.position(), length);
        BatchRun run =
                BatchRun.verify(batches, object, index.blocks().position(block), new BlockExpectation(index, block));
        if (index.blocks().isLast(block) && !run.isDamaged()) {
            long fileLength = index.blocks().position(block) + length + (long) SegmentFooter.BYTES;
            checkFooter(object, index, bytes.slice(bytes.position() + length, bytes.remaining() - length), fileLength);
        }
        return run;
    }

    /** Every batch says for itself that it is intact, so a damaged footer is worth a warning and nothing more. */
    private static void checkFooter(String object, LoadedIndex index, ByteBuffer footer, long fileLength) {
        String found;
        try {
            var parsed = SegmentFooter.parse(footer, fileLength, object);
            boolean matches = parsed.lastOffset() == index.lastOffset()
                    && index.extension()
                            .map(known -> known.identity().bodyCrc() == parsed.bodyCrc())
                            .orElse(true);
            if (matches) {
                return;
            }
            found = parsed.toString();
        } catch (CorruptObjectException damaged) {
            found = damaged.getMessage();
        }
        LOG.warn("the footer of segment {} is not the one its index was built with: {}", object, found);
    }

    /** The verified batches of a chunk. */
    CompletableFuture<BatchRun> chunk(WaitingChunk chunk) {
        String object = layout.walKey(chunk.stream(), chunk.sequence());
        return cache.get(new Key(object, 0), EXPECTED_WAL_BYTES, () -> loadWal(object))
                .thenApply(cached -> run((WalObject) cached, chunk, object));
    }

    /** Reads the WAL object of a chunk ahead, if there is room for it. */
    boolean prefetchChunk(StreamId stream, long sequence) {
        String object = layout.walKey(stream, sequence);
        return cache.prefetch(new Key(object, 0), EXPECTED_WAL_BYTES, () -> loadWal(object));
    }

    private CompletableFuture<Cached> loadWal(String object) {
        return store.get(object, WalLimits.DEFAULT.maxObjectBytes())
                .thenApply(bytes -> new WalObject(bytes.asReadOnlyBuffer(), new HashMap<>()));
    }

    private static BatchRun run(WalObject object, WaitingChunk chunk, String key) {
        return object.runs().computeIfAbsent(chunk.position(), position -> {
            int from = Math.min(position, object.bytes().remaining());
            int length = Math.min(chunk.length(), object.bytes().remaining() - from);
            ByteBuffer bytes = object.bytes().slice(object.bytes().position() + from, length);
            BatchRun run = BatchRun.verify(bytes, key, position, new ChunkExpectation(chunk));
            if (run.isDamaged()) {
                LOG.error("stored records are damaged: {}", run.firstDamage().getMessage());
            }
            return run;
        });
    }

    /** What it has done so far. */
    public CacheStatistics statistics() {
        return cache.statistics();
    }
}
