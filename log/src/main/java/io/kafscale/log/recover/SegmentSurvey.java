package io.kafscale.log.recover;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.segment.IndexExtension;
import io.kafscale.format.segment.SegmentFile;
import io.kafscale.format.segment.SegmentFooter;
import io.kafscale.format.segment.SegmentIndex;
import io.kafscale.log.internal.Lanes;
import io.kafscale.log.internal.LoopFutures;
import io.kafscale.objectstore.StorageException;
import io.kafscale.runtime.FutureFailure;
import java.util.Iterator;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** Reads how far the segments of one partition go, from their footers, and what the last index says. Belongs to the loop. */
final class SegmentSurvey {
    private static final int PARALLEL_READS = 16;
    private static final int MAX_INDEX_BYTES = 64 << 20;

    private final RecoveryContext context;
    private final FoundDirectory directory;
    private final int partition;

    SegmentSurvey(RecoveryContext context, FoundDirectory directory, int partition) {
        this.context = context;
        this.directory = directory;
        this.partition = partition;
    }

    /**
     * Reads them.
     *
     * @param sizes of the segments by base offset, at least one
     */
    CompletableFuture<Void> run(NavigableMap<Long, Long> sizes) {
        var lasts = new TreeMap<Long, OptionalLong>();
        var lanes = new Lanes(PARALLEL_READS);
        Iterator<Long> left = sizes.keySet().iterator();
        return LoopFutures.repeat(() -> {
                    if (!left.hasNext()) {
                        return null;
                    }
                    long base = left.next();
                    return lanes.submit(() -> lastOffset(base).thenAccept(last -> lasts.put(base, last)));
                })
                .thenCompose(_ -> lanes.drained())
                .thenCompose(_ -> {
                    FoundDirectory.Segments segments = summed(lasts);
                    directory.partitions.put(partition, segments);
                    return epoch(sizes.lastKey(), segments);
                });
    }

    private FoundDirectory.Segments summed(NavigableMap<Long, OptionalLong> lasts) {
        var segments = new FoundDirectory.Segments();
        lasts.forEach((base, last) -> {
            if (last.isPresent()) {
                segments.add(base, last.getAsLong());
                return;
            }
            // It was there, and what is missing of it is missing to readers only: the log goes on behind it.
            Long next = lasts.higherKey(base);
            segments.damage.add(key(base) + " cannot be read");
            segments.add(base, next == null ? base : next - 1);
        });
        return segments;
    }

    private String key(long base) {
        return context.layout().segmentKey(directory.directory.toString(), partition, base);
    }

    /** Empty if the segment is damaged. */
    private CompletableFuture<OptionalLong> lastOffset(long base) {
        String key = key(base);
        return LoopFutures.hop(context.objects().getTail(key, SegmentFooter.BYTES), context.loop())
                .thenApply(tail -> {
                    long last = SegmentFooter.parse(tail.bytes(), tail.objectSize(), key)
                            .lastOffset();
                    return last < base ? OptionalLong.empty() : OptionalLong.of(last);
                })
                .exceptionally(failure -> {
                    damaged(failure);
                    return OptionalLong.empty();
                });
    }

    /** Epochs ascend with offsets, so the last segment has the greatest; its index says it, else the segment itself. */
    private CompletableFuture<Void> epoch(long base, FoundDirectory.Segments segments) {
        String name = directory.directory.toString();
        String indexKey = context.layout().indexKey(name, partition, base);
        return LoopFutures.hop(context.objects().get(indexKey, MAX_INDEX_BYTES), context.loop())
                .thenApply(bytes -> SegmentIndex.parse(bytes, indexKey)
                        .extension()
                        .filter(extension -> extension.identity().baseOffset() == base
                                && extension.identity().partition() == partition))
                .exceptionally(failure -> {
                    damaged(failure);
                    return Optional.empty();
                })
                .thenCompose(
                        extension -> extension.isPresent() ? told(extension.get(), segments) : scanned(base, segments));
    }

    private CompletableFuture<Void> told(IndexExtension extension, FoundDirectory.Segments segments) {
        directory.sawTopicId(extension.identity().topicId());
        extension
                .epochs()
                .forEach(start -> segments.greatestEpoch = Math.max(segments.greatestEpoch, start.leaderEpoch()));
        return CompletableFuture.completedFuture(null);
    }

    private CompletableFuture<Void> scanned(long base, FoundDirectory.Segments segments) {
        String key = key(base);
        return LoopFutures.hop(context.objects().get(key, SegmentFile.MAX_BYTES), context.loop())
                .thenAccept(bytes -> SegmentFile.parse(bytes, key)
                        .forEachBatch((batch, _) -> segments.greatestEpoch =
                                Math.max(segments.greatestEpoch, batch.partitionLeaderEpoch())))
                .exceptionally(failure -> {
                    damaged(failure);
                    return null;
                });
    }

    /** Damage is told from a store that does not answer, which ends the survey. */
    private static void damaged(Throwable failure) {
        Throwable cause = FutureFailure.cause(failure);
        boolean ofTheObject = cause instanceof CorruptObjectException
                || (cause instanceof StorageException storage
                        && (storage.kind() == StorageException.Kind.NOT_FOUND
                                || storage.kind() == StorageException.Kind.TOO_LARGE));
        if (!ofTheObject) {
            throw StorageException.of(cause, StorageException.Kind.UNAVAILABLE, "");
        }
    }
}
