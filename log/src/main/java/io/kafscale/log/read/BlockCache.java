package io.kafscale.log.read;

import io.kafscale.format.ObjectLayout;
import io.kafscale.format.wal.WalLimits;
import io.kafscale.log.internal.CacheStatistics;
import io.kafscale.log.internal.SingleFlightCache;
import io.kafscale.log.segment.LoadedIndex;
import io.kafscale.log.segment.PartitionPlace;
import io.kafscale.log.segment.WaitingChunk;
import io.kafscale.objectstore.ObjectStore;
import io.kafscale.runtime.EventLoop;
import java.util.concurrent.CompletableFuture;

/**
 * What was read of segments and WAL objects, by object and place: blocks of segments, and WAL objects whole, once for all
 * partitions that have something in them. One request per key is under way however many want it. Bounded apart from the memory tail,
 * so readers far behind never evict what readers at the end need. Belongs to the log loop.
 */
public final class BlockCache {
    /** Expected size of a WAL object, of which the directory of chunks does not say how large it is. */
    private static final int EXPECTED_WAL_BYTES = 4 << 20;

    private record Key(String object, int position) {}

    private final ObjectStore store;
    private final ObjectLayout layout;
    private final SingleFlightCache<Key, CachedObject> cache;

    /** An empty cache. */
    public BlockCache(ObjectStore store, ObjectLayout layout, EventLoop loop, ReadSettings settings) {
        this.store = store;
        this.layout = layout;
        this.cache =
                new SingleFlightCache<>(loop, settings.cacheBytes(), settings.loadingBytes(), CachedObject::heapBytes);
    }

    /** The segment that starts at an offset, to be read through its index. */
    BlockLoader segment(PartitionPlace place, long baseOffset, LoadedIndex index) {
        return new BlockLoader(store, place.segmentKey(layout, baseOffset), index);
    }

    /**
     * The verified batches of one block of a segment.
     *
     * @param scanning whether the reader goes on where it stopped, which says nothing of whether others will need the block
     */
    CompletableFuture<BatchRun> block(BlockLoader segment, int block, boolean scanning) {
        return cache.get(key(segment, block), segment.length(block), !scanning, () -> segment.load(block))
                .thenApply(cached -> ((CachedObject.Block) cached).run());
    }

    /** Reads a block ahead, if there is room for it. Returns whether it is there or on its way. */
    boolean prefetch(BlockLoader segment, int block) {
        return cache.prefetch(key(segment, block), segment.length(block), () -> segment.load(block));
    }

    private static Key key(BlockLoader segment, int block) {
        return new Key(segment.object(), segment.position(block));
    }

    /** The verified batches of a chunk, for a reader that is {@code scanning} or not. */
    CompletableFuture<BatchRun> chunk(WaitingChunk chunk, boolean scanning) {
        String object = layout.walKey(chunk.stream(), chunk.sequence());
        return walObject(object, false).thenCompose(found -> {
            // That the other partitions in the object are read, too, says nothing of whether anything is read twice.
            if (!scanning && found.hasRead(chunk)) {
                cache.protect(new Key(object, 0));
            }
            BatchRun run = found.chunk(chunk);
            if (!run.isDamaged() || found.readAgain()) {
                return CompletableFuture.completedFuture(run);
            }
            cache.invalidate(new Key(object, 0));
            return walObject(object, true).thenApply(again -> again.chunk(chunk));
        });
    }

    private CompletableFuture<CachedObject.Wal> walObject(String object, boolean readAgain) {
        return cache.get(new Key(object, 0), EXPECTED_WAL_BYTES, false, () -> loadWal(object, readAgain))
                .thenApply(CachedObject.Wal.class::cast);
    }

    /** Reads the WAL object of a chunk ahead, if there is room for it. Returns whether it is there or on its way. */
    boolean prefetch(WaitingChunk chunk) {
        String object = layout.walKey(chunk.stream(), chunk.sequence());
        return cache.prefetch(new Key(object, 0), EXPECTED_WAL_BYTES, () -> loadWal(object, false));
    }

    /** A damaged object is read once more: the damage may be of the transfer. */
    private CompletableFuture<CachedObject> loadWal(String object, boolean readAgain) {
        return store.get(object, WalLimits.DEFAULT.maxObjectBytes())
                .thenApply(bytes -> new CachedObject.Wal(object, bytes, readAgain));
    }

    /** What it has done so far. */
    public CacheStatistics statistics() {
        return cache.statistics();
    }
}
