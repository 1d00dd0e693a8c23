package io.kafscale.log.read;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.partition.BatchSlices;
import io.kafscale.log.partition.PartitionLog;
import io.kafscale.log.segment.SegmentIndexes;
import io.kafscale.log.segment.StoredPartition;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.objectstore.StorageException;
import io.kafscale.runtime.FutureFailure;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Reads one partition from an offset on: from memory, else from WAL objects, else from segments. One read returns what one of
 * these has; the next goes on in the next. Belongs to the log loop; futures complete on it and fail with {@link LogException}.
 */
public final class LogReader {
    private static final int MOST_CURSORS = 4096;

    /** Where a reader stopped, and another read that starts there goes on. */
    private record Cursor(PartitionId partition, long nextOffset) {}

    private final WalReader wal;
    private final SegmentReader segments;
    private final Set<Cursor> cursors = new LinkedHashSet<>();
    private int readAheadBlocks;

    /** Reads through the cache and the indexes. */
    public LogReader(BlockCache cache, SegmentIndexes indexes, ReadSettings settings) {
        this.wal = new WalReader(cache);
        this.segments = new SegmentReader(cache, indexes);
        this.readAheadBlocks = settings.readAheadBlocks();
    }

    /** How many blocks are read ahead from now on; fewer while the store is slow. */
    public void readAhead(int blocks) {
        readAheadBlocks = blocks;
    }

    /**
     * Reads from the batch that holds {@code offset} on, which must lie between log start and high watermark.
     *
     * @param atLeastOne whether the first batch is read even if it is larger than {@code maxBytes}
     * @param pins keep the memory of what is read; the slices are good until these are released
     * @return whole batches below the high watermark, none if there is none at {@code offset} or it is too large. Fails with
     *     OFFSET_OUT_OF_RANGE if the log start has passed the offset meanwhile, CORRUPT if the batch is damaged or its object gone,
     *     STORAGE_UNAVAILABLE if the store does not answer
     */
    public CompletableFuture<BatchSlices> read(
            PartitionLog log, long offset, int maxBytes, boolean atLeastOne, Pins pins) {
        if (offset >= log.highWatermark()) {
            return CompletableFuture.completedFuture(BatchSlices.none(offset));
        }
        Optional<BatchSlices> memory = log.tail().read(offset, maxBytes, atLeastOne);
        if (memory.isPresent()) {
            return CompletableFuture.completedFuture(memory.get());
        }
        var range = new ReadRange(offset, log.highWatermark(), maxBytes, atLeastOne);
        boolean sequential = cursors.remove(new Cursor(log.id(), offset));
        var access = new Access(sequential, sequential ? readAheadBlocks : 0, pins);
        return withOneRetry(log, range, () -> stored(log.stored(), range, access))
                .thenApply(read -> {
                    remember(new Cursor(log.id(), read.nextOffset()));
                    return read;
                });
    }

    /** Reads what is left at {@code offset} or, if the log start passes it meanwhile, at the log start; at least one batch. */
    CompletableFuture<BatchSlices> readAbove(PartitionLog log, long offset, int maxBytes, Pins pins) {
        return read(log, offset, maxBytes, true, pins).exceptionallyCompose(failure -> {
            long logStart = log.logStart();
            return offset < logStart && log.closed() == null
                    ? readAbove(log, logStart, maxBytes, pins)
                    : CompletableFuture.failedFuture(failure);
        });
    }

    private CompletableFuture<BatchSlices> stored(StoredPartition partition, ReadRange range, Access access) {
        int chunk = partition.waiting().indexOf(range.offset());
        return chunk >= 0 ? wal.read(partition, chunk, range, access) : segments.read(partition, range, access);
    }

    private void remember(Cursor cursor) {
        cursors.add(cursor);
        if (cursors.size() > MOST_CURSORS) {
            cursors.remove(cursors.iterator().next());
        }
    }

    /**
     * An object that is not there may just have been replaced by a segment, or deleted because the log start passed it: what is
     * known of the partition is refreshed, and the read tried once more.
     */
    private CompletableFuture<BatchSlices> withOneRetry(
            PartitionLog log, ReadRange range, Supplier<CompletableFuture<BatchSlices>> read) {
        return read.get()
                .exceptionallyCompose(failure -> isGone(failure)
                        ? log.stored().catalog().refreshAgain().thenCompose(nothing -> read.get())
                        : CompletableFuture.failedFuture(failure))
                .exceptionallyCompose(failure -> failed(log, range.offset(), failure));
    }

    /**
     * What a failure means to whoever asked for {@code offset}. That something is gone means nothing before it is certain that it was
     * not the next leader that has deleted it.
     */
    static <T> CompletableFuture<T> failed(PartitionLog log, long offset, Throwable failure) {
        CompletableFuture<Void> certain =
                isGone(failure) ? log.stored().leadership().ascertain() : CompletableFuture.completedFuture(null);
        return certain.handle((nothing, doubt) -> FutureFailure.cause(doubt == null ? failure : doubt))
                .thenCompose(cause -> CompletableFuture.failedFuture(translated(log, offset, cause)));
    }

    private static boolean isGone(Throwable failure) {
        return isMissing(failure)
                || (FutureFailure.cause(failure) instanceof LogException known && known.kind() == Kind.CORRUPT);
    }

    /** Whether an object is not there. */
    static boolean isMissing(Throwable failure) {
        return FutureFailure.cause(failure) instanceof StorageException storage
                && storage.kind() == StorageException.Kind.NOT_FOUND;
    }

    static boolean isDamage(Throwable failure) {
        return FutureFailure.cause(failure) instanceof CorruptObjectException;
    }

    /** What a failure means to whoever asked for {@code offset}. */
    static LogException translated(PartitionLog log, long offset, Throwable cause) {
        LogException closed = log.closed();
        if (closed != null) {
            return closed;
        }
        if (offset < log.logStart()) {
            return outOfRange(log, offset);
        }
        if (cause instanceof LogException known) {
            return known;
        }
        String what = "reading " + log.stored().place() + " at " + offset + ": " + cause.getMessage();
        if (cause instanceof StorageException storage) {
            return switch (storage.kind()) {
                case NOT_FOUND, TOO_LARGE -> new LogException(Kind.CORRUPT, what, cause);
                case CLOSED -> new LogException(Kind.CLOSED, what, cause);
                case OUTCOME_UNKNOWN, THROTTLED, CONFLICT, UNAVAILABLE, DENIED, INVALID ->
                    new LogException(Kind.STORAGE_UNAVAILABLE, what, cause);
            };
        }
        return new LogException(
                cause instanceof CorruptObjectException ? Kind.CORRUPT : Kind.STORAGE_UNAVAILABLE, what, cause);
    }

    static LogException outOfRange(PartitionLog log, long offset) {
        return new LogException(
                Kind.OFFSET_OUT_OF_RANGE,
                "offset " + offset + " of " + log.stored().place() + " lies outside " + log.logStart() + ".."
                        + log.logEnd());
    }
}
