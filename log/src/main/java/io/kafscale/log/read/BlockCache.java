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
import io.kafscale.runtime.References;
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
    private final BlockMemory memory;
    private final ObjectLayout layout;
    private final SingleFlightCache<Key, CachedObject> cache;

    /** An empty cache. */
    public BlockCache(ObjectStore store, ObjectLayout layout, EventLoop loop, ReadSettings settings) {
        this.store = store;
        this.layout = layout;
        // What is kept, what is being read, and as much again for what is kept no more while its readers still need it.
        this.memory = new BlockMemory(settings.cacheBytes() + 2 * settings.loadingBytes());
        this.cache = new SingleFlightCache<>(
                loop,
                settings.cacheBytes(),
                settings.loadingBytes(),
                CachedObject::memoryBytes,
                forgotten -> forgotten.memory().release());
    }

    /** The segment that starts at an offset, to be read through its index. */
    BlockLoader segment(PartitionPlace place, long baseOffset, LoadedIndex index) {
        return new BlockLoader(store, memory, place.segmentKey(layout, baseOffset), index);
    }

    /**
     * The verified batches of one block of a segment, pinned for the reader. That one who goes on where it stopped needs the block
     * says nothing of whether others will.
     */
    CompletableFuture<BatchRun> block(BlockLoader segment, int block, Access access) {
        return cache.get(key(segment, block), segment.length(block), !access.scanning(), () -> segment.load(block))
                .thenApply(cached -> {
                    access.pins().add(cached.memory());
                    return ((CachedObject.Block) cached).run();
                });
    }

    /** Reads a block ahead, if there is room for it. Returns whether it is there or on its way. */
    boolean prefetch(BlockLoader segment, int block) {
        return cache.prefetch(key(segment, block), segment.length(block), () -> segment.load(block));
    }

    private static Key key(BlockLoader segment, int block) {
        return new Key(segment.object(), segment.position(block));
    }

    /** The verified batches of a chunk, pinned for the reader. */
    CompletableFuture<BatchRun> chunk(WaitingChunk chunk, Access access) {
        String object = layout.walKey(chunk.stream(), chunk.sequence());
        return walObject(object, false, access).thenCompose(found -> {
            // That the other partitions in the object are read, too, says nothing of whether anything is read twice.
            if (!access.scanning() && found.hasRead(chunk)) {
                cache.protect(new Key(object, 0));
            }
            BatchRun run = found.chunk(chunk);
            if (!run.isDamaged() || found.readAgain()) {
                return CompletableFuture.completedFuture(run);
            }
            cache.invalidate(new Key(object, 0));
            return walObject(object, true, access).thenApply(again -> again.chunk(chunk));
        });
    }

    private CompletableFuture<CachedObject.Wal> walObject(String object, boolean readAgain, Access access) {
        return cache.get(new Key(object, 0), EXPECTED_WAL_BYTES, false, () -> loadWal(object, readAgain))
                .thenApply(cached -> {
                    access.pins().add(cached.memory());
                    return (CachedObject.Wal) cached;
                });
    }

    /** Reads the WAL object of a chunk ahead, if there is room for it. Returns whether it is there or on its way. */
    boolean prefetch(WaitingChunk chunk) {
        String object = layout.walKey(chunk.stream(), chunk.sequence());
        return cache.prefetch(new Key(object, 0), EXPECTED_WAL_BYTES, () -> loadWal(object, false));
    }

    /** A damaged object is read once more: the damage may be of the transfer. */
    private CompletableFuture<CachedObject> loadWal(String object, boolean readAgain) {
        return store.get(object, WalLimits.DEFAULT.maxObjectBytes(), memory)
                .thenApply(bytes ->
                        new CachedObject.Wal(object, bytes, readAgain, new References(() -> memory.giveBack(bytes))));
    }

    /** Native memory that the cache, loads under way and readers take now. */
    long takenBytes() {
        return memory.takenBytes();
    }

    /** What it has done so far. */
    public CacheStatistics statistics() {
        return cache.statistics();
    }
}
