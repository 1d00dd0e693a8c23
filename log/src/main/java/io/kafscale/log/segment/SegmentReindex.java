package io.kafscale.log.segment;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.ObjectLayout;
import io.kafscale.format.ProducerStateSnapshot;
import io.kafscale.format.segment.SegmentFile;
import io.kafscale.format.segment.SegmentIndex;
import io.kafscale.objectstore.ObjectStore;
import io.kafscale.objectstore.Payload;
import io.kafscale.objectstore.StorageException;
import io.kafscale.runtime.FutureFailure;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * The operator's way to mend an index: whatever is stored under its key is compared with what the segment says it must be, and
 * replaced if it is not. This is the one exception to the rule that no key ever holds two contents, which is why no broker does it
 * by itself; brokers that have read the damaged index rebuilt it for themselves and need not be told. Any thread.
 */
public final class SegmentReindex {
    /** What became of the index. */
    public enum Outcome {
        /** It was there and is of this segment. */
        INTACT,
        /** It was missing and has been written. */
        CREATED,
        /** It was damaged or of another segment and has been replaced. */
        REPLACED
    }

    private final ObjectStore store;
    private final ObjectLayout layout;

    /** For the segments of one namespace. */
    public SegmentReindex(ObjectStore store, ObjectLayout layout) {
        this.store = store;
        this.layout = layout;
    }

    /**
     * Checks the index of the segment at {@code baseOffset} and writes it anew if it has to be.
     *
     * @return fails with {@link CorruptObjectException} if the segment itself is damaged, which no index can mend, and with
     *     {@link StorageException}
     */
    public CompletableFuture<Outcome> reindex(PartitionPlace place, long baseOffset) {
        String kfsKey = place.segmentKey(layout, baseOffset);
        String indexKey = place.indexKey(layout, baseOffset);
        return store.get(kfsKey, SegmentFile.MAX_BYTES).thenCompose(bytes -> {
            SegmentFile file = SegmentFile.parse(bytes, kfsKey);
            return stored(indexKey).thenCompose(found -> mend(place, file, indexKey, found));
        });
    }

    /** The stored bytes, empty if there are none. */
    private CompletableFuture<ByteBuffer> stored(String indexKey) {
        return store.get(indexKey, SegmentIndexes.MAX_INDEX_BYTES).exceptionally(failure -> {
            Throwable cause = FutureFailure.cause(failure);
            if (cause instanceof StorageException storage && storage.kind() == StorageException.Kind.NOT_FOUND) {
                return ByteBuffer.allocate(0);
            }
            throw new CompletionException(cause);
        });
    }

    private CompletableFuture<Outcome> mend(PartitionPlace place, SegmentFile file, String indexKey, ByteBuffer found) {
        boolean missing = !found.hasRemaining();
        if (!missing && isIntact(place, file, indexKey, found)) {
            return CompletableFuture.completedFuture(Outcome.INTACT);
        }
        SegmentIndex index =
                SegmentIndexes.index(place, file, SegmentIndexes.DEFAULT_BLOCK_BYTES, ProducerStateSnapshot.UNKNOWN);
        var removed = missing ? CompletableFuture.<Void>completedFuture(null) : store.delete(List.of(indexKey));
        return removed.thenCompose(nothing -> store.putIfAbsent(indexKey, Payload.of(index.encode())))
                .thenApply(outcome -> missing ? Outcome.CREATED : Outcome.REPLACED);
    }

    private static boolean isIntact(PartitionPlace place, SegmentFile file, String indexKey, ByteBuffer found) {
        try {
            return SegmentIndex.parse(found, indexKey)
                    .matches(file.identity(place.id().topicId(), place.id().partition()));
        } catch (CorruptObjectException damaged) {
            return false;
        }
    }
}
