package io.kafscale.log.segment;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.ObjectLayout;
import io.kafscale.format.ProducerStateSnapshot;
import io.kafscale.format.segment.IndexEntry;
import io.kafscale.format.segment.IndexExtension;
import io.kafscale.format.segment.IndexSource;
import io.kafscale.format.segment.SegmentFile;
import io.kafscale.format.segment.SegmentFooter;
import io.kafscale.format.segment.SegmentIdentity;
import io.kafscale.format.segment.SegmentIndex;
import io.kafscale.log.internal.LoopFutures;
import io.kafscale.log.internal.SingleFlightCache;
import io.kafscale.objectstore.ObjectStore;
import io.kafscale.objectstore.Payload;
import io.kafscale.objectstore.StorageException;
import io.kafscale.runtime.EventLoop;
import io.kafscale.runtime.FutureFailure;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The indexes of segments, read once and kept in a cache bounded by bytes. An index that is missing, torn, or of another file than
 * its segment is rebuilt from the segment: it costs a read of that file and nothing else. A missing one is then written; a damaged
 * one stays as it is, since no key ever holds two contents, until an operator runs {@link SegmentReindex}.
 *
 * <p>Belongs to the log loop; futures complete on it and fail with {@link StorageException} or {@link CorruptObjectException}.
 */
public final class SegmentIndexes {
    /** Largest index that is read; ours are far below a megabyte. */
    static final int MAX_INDEX_BYTES = 64 << 20;

    /** Bytes of a block where nothing else is asked for. */
    public static final int DEFAULT_BLOCK_BYTES = 1 << 20;

    /** How many entries of an index that is built here fall into one block. */
    private static final int ENTRIES_PER_BLOCK = 16;

    private static final int EXPECTED_INDEX_BYTES = 32 << 10;
    private static final long MAX_LOADING_BYTES = 8 << 20;
    private static final Logger LOG = LoggerFactory.getLogger(SegmentIndexes.class);

    private final ObjectStore store;
    private final ObjectLayout layout;
    private final EventLoop loop;
    private final int blockBytes;
    private final SingleFlightCache<String, LoadedIndex> cache;
    private CompletableFuture<?> lastRebuild = CompletableFuture.completedFuture(null);

    /**
     * No index read yet.
     *
     * @param cacheBytes bound on the heap of what is kept
     * @param blockBytes about how large the blocks are in which segments are read
     */
    public SegmentIndexes(ObjectStore store, ObjectLayout layout, EventLoop loop, long cacheBytes, int blockBytes) {
        this.store = store;
        this.layout = layout;
        this.loop = loop;
        this.blockBytes = blockBytes;
        this.cache = new SingleFlightCache<>(loop, cacheBytes, MAX_LOADING_BYTES, LoadedIndex::heapBytes);
    }

    /** The index of a segment, with or without extension. */
    public CompletableFuture<LoadedIndex> of(PartitionPlace place, Segment segment) {
        String key = place.indexKey(layout, segment.baseOffset());
        return cache.get(key, EXPECTED_INDEX_BYTES, true, () -> load(place, segment, key));
    }

    /** The index of a segment with extension, rebuilt from the segment if the stored one has none. */
    public CompletableFuture<LoadedIndex> extended(PartitionPlace place, Segment segment) {
        return of(place, segment)
                .thenCompose(loaded -> loaded.extension().isPresent()
                        ? CompletableFuture.completedFuture(loaded)
                        : rebuilt(place, segment));
    }

    /** The index of a segment, rebuilt from the segment because the stored one led a reader astray. */
    public CompletableFuture<LoadedIndex> rebuilt(PartitionPlace place, Segment segment) {
        String key = place.indexKey(layout, segment.baseOffset());
        cache.invalidate(key);
        return cache.get(key, EXPECTED_INDEX_BYTES, true, () -> rebuild(place, segment));
    }

    /** Keeps an index that was just built. */
    void put(PartitionPlace place, long baseOffset, LoadedIndex index) {
        cache.put(place.indexKey(layout, baseOffset), index);
    }

    private CompletableFuture<LoadedIndex> load(PartitionPlace place, Segment segment, String key) {
        return LoopFutures.hop(
                        store.get(key, MAX_INDEX_BYTES)
                                .thenCompose(bytes -> verified(place, segment, SegmentIndex.parse(bytes, key), key)),
                        loop)
                .exceptionallyCompose(failure -> mended(place, segment, key, FutureFailure.cause(failure)));
    }

    /** Checks that the index is of the segment that was listed; what only the segment's own bytes can show, its readers check. */
    private CompletableFuture<LoadedIndex> verified(
            PartitionPlace place, Segment segment, SegmentIndex index, String key) {
        if (index.extension().isPresent()) {
            checkIdentity(place, segment, index.extension().get(), key);
            long lastOffset = index.extension().get().identity().lastOffset();
            return CompletableFuture.completedFuture(
                    new LoadedIndex(index, blocks(index, segment.sizeBytes()), lastOffset, true));
        }
        IndexEntry last = index.entries().getLast();
        if (index.entries().getFirst().offset() != segment.baseOffset() || last.position() >= segment.sizeBytes()) {
            throw new CorruptObjectException("index is of another segment", key, 0)
                    .with("baseOffset", segment.baseOffset())
                    .with("lastPosition", last.position());
        }
        String kfs = place.segmentKey(layout, segment.baseOffset());
        return store.getTail(kfs, SegmentFooter.BYTES).thenApply(tail -> {
            SegmentFooter footer = SegmentFooter.parse(tail.bytes(), tail.objectSize(), kfs);
            return new LoadedIndex(index, blocks(index, tail.objectSize()), footer.lastOffset(), false);
        });
    }

    private static void checkIdentity(PartitionPlace place, Segment segment, IndexExtension extension, String key) {
        if (!isOf(place, segment, extension) || extension.identity().fileLength() != segment.sizeBytes()) {
            throw new CorruptObjectException("index is of another segment", key, 0)
                    .with("identity", extension.identity())
                    .with("segmentBytes", segment.sizeBytes());
        }
    }

    private static boolean isOf(PartitionPlace place, Segment segment, IndexExtension extension) {
        SegmentIdentity identity = extension.identity();
        return identity.topicId().equals(place.id().topicId())
                && identity.partition() == place.id().partition()
                && identity.baseOffset() == segment.baseOffset();
    }

    private CompletableFuture<LoadedIndex> mended(
            PartitionPlace place, Segment segment, String key, Throwable failure) {
        boolean missing = isA(failure, StorageException.Kind.NOT_FOUND);
        boolean damaged = failure instanceof CorruptObjectException || isA(failure, StorageException.Kind.TOO_LARGE);
        if (!missing && !damaged) {
            return CompletableFuture.failedFuture(failure);
        }
        LOG.warn(
                "the index of segment {} of {} is {}, it is rebuilt from the segment",
                segment.baseOffset(),
                place,
                missing ? "missing" : "damaged (" + failure.getMessage() + ")");
        return rebuild(place, segment)
                .thenApply(index -> {
                    if (missing) {
                        write(place, segment.baseOffset(), index.index());
                    }
                    return index;
                })
                .exceptionallyCompose(
                        unreadable -> ofDamagedSegment(place, segment, key, FutureFailure.cause(unreadable)));
    }

    /** A segment that is cut off or damaged is worth as much as its index still finds in it. */
    private CompletableFuture<LoadedIndex> ofDamagedSegment(
            PartitionPlace place, Segment segment, String key, Throwable failure) {
        if (!(failure instanceof CorruptObjectException)) {
            return CompletableFuture.failedFuture(failure);
        }
        LOG.error("a segment is damaged: {}", failure.getMessage());
        return LoopFutures.hop(store.get(key, MAX_INDEX_BYTES), loop)
                .thenApply(bytes -> SegmentIndex.parse(bytes, key))
                .thenCompose(index -> {
                    boolean usable = index.extension()
                            .map(known -> isOf(place, segment, known))
                            .orElse(false);
                    if (!usable) {
                        return CompletableFuture.failedFuture(failure);
                    }
                    SegmentIdentity identity = index.extension().orElseThrow().identity();
                    return CompletableFuture.completedFuture(
                            new LoadedIndex(index, blocks(index, identity.fileLength()), identity.lastOffset(), true));
                })
                .exceptionallyCompose(unusable -> CompletableFuture.failedFuture(failure));
    }

    private static boolean isA(Throwable failure, StorageException.Kind kind) {
        return failure instanceof StorageException storage && storage.kind() == kind;
    }

    /** One rebuild at a time: each has a whole segment in memory. */
    private CompletableFuture<LoadedIndex> rebuild(PartitionPlace place, Segment segment) {
        String kfs = place.segmentKey(layout, segment.baseOffset());
        var turn = lastRebuild.handle((before, ignored) -> (Void) null);
        CompletableFuture<LoadedIndex> rebuilt = LoopFutures.hop(
                turn.thenCompose(nothing -> store.get(kfs, SegmentFile.MAX_BYTES))
                        .thenApply(bytes -> build(place, SegmentFile.parse(bytes, kfs), ProducerStateSnapshot.UNKNOWN)),
                loop);
        lastRebuild = rebuilt;
        return rebuilt;
    }

    private SegmentBlocks blocks(SegmentIndex index, long fileLength) {
        return SegmentBlocks.of(index, fileLength, blockBytes);
    }

    /** Builds the index of a segment. Any thread. */
    LoadedIndex build(PartitionPlace place, SegmentFile file, ProducerStateSnapshot producersBefore) {
        SegmentIndex index = index(place, file, blockBytes, producersBefore);
        long lastOffset = file.footer().lastOffset();
        boolean dense =
                file.header().recordCount() == lastOffset - file.header().baseOffset() + 1;
        return new LoadedIndex(index, blocks(index, file.length()), lastOffset, dense);
    }

    /** The index as it is stored. Any thread. */
    static SegmentIndex index(
            PartitionPlace place, SegmentFile file, int blockBytes, ProducerStateSnapshot producersBefore) {
        long records = file.header().recordCount();
        int interval = (int) Math.max(1, records * (blockBytes / ENTRIES_PER_BLOCK) / Math.max(1, file.length()));
        return SegmentIndex.build(
                file, new IndexSource(place.id().topicId(), place.id().partition(), interval, producersBefore));
    }

    private void write(PartitionPlace place, long baseOffset, SegmentIndex index) {
        String key = place.indexKey(layout, baseOffset);
        store.putIfAbsent(key, Payload.of(index.encode())).whenComplete((outcome, failure) -> {
            if (failure != null) {
                LOG.warn("the rebuilt index {} could not be written and will be rebuilt again", key, failure);
            }
        });
    }
}
