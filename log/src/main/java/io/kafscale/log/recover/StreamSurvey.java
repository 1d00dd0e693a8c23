package io.kafscale.log.recover;

import io.kafscale.format.StreamId;
import io.kafscale.format.wal.WalHeader;
import io.kafscale.log.LogException;
import io.kafscale.log.internal.LoopFutures;
import io.kafscale.log.wal.ChunkRef;
import io.kafscale.log.wal.StreamReader;
import io.kafscale.log.wal.StreamSealer;
import io.kafscale.log.wal.WalSettings;
import io.kafscale.log.wal.WalStore;
import io.kafscale.objectstore.StorageException;
import io.kafscale.runtime.FutureFailure;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Reads one stream whose writer is gone: to its seal, which is set first if that is asked for, or to where a seal would go. A stream
 * that has lost objects is read as far as it can be, and not sealed. Belongs to the loop.
 */
final class StreamSurvey {
    /** No incarnation: who seals is for the record only. */
    private static final StreamId SEALER = new StreamId(0, 0);

    private final RecoveryContext context;
    private final StreamReader reader;
    private final StreamSealer sealer;

    StreamSurvey(RecoveryContext context) {
        this.context = context;
        var wal = new WalStore(
                context.objects(),
                context.layout(),
                context.loop(),
                context.metadata().random());
        this.reader = new StreamReader(wal);
        this.sealer = new StreamSealer(wal, WalSettings.of(context.settings()), SEALER);
    }

    /**
     * Reads a stream.
     *
     * @param writtenMs when each of its objects was written, by sequence
     * @param seal whether to seal it
     */
    CompletableFuture<FoundStream> read(StreamId stream, NavigableMap<Long, Long> writtenMs, boolean seal) {
        NavigableSet<Long> present = writtenMs.navigableKeySet();
        return endOf(stream, present)
                .thenCompose(end -> {
                    if (end.sealed() || !seal) {
                        return upTo(stream, end, writtenMs);
                    }
                    return sealer.seal(stream)
                            .thenCompose(made ->
                                    upTo(stream, new End(made.sealSequence(), true, made.trimPosition()), writtenMs));
                })
                .exceptionallyCompose(failure -> {
                    if (FutureFailure.cause(failure) instanceof LogException damage
                            && damage.kind() == LogException.Kind.CORRUPT) {
                        return readable(stream, present)
                                .thenApply(chunks -> new FoundStream(
                                        stream,
                                        present.last() + 1,
                                        false,
                                        writtenMs,
                                        String.valueOf(damage.getMessage()),
                                        chunks));
                    }
                    return CompletableFuture.failedFuture(FutureFailure.cause(failure));
                });
    }

    private CompletableFuture<FoundStream> upTo(StreamId stream, End end, NavigableMap<Long, Long> writtenMs) {
        long from = from(end, writtenMs);
        return reader.chunks(stream, end.sequence(), from, chunk -> true)
                .thenCompose(chunks -> readable(stream, putBack(end, from, writtenMs))
                        .thenApply(late -> {
                            var all = new ArrayList<>(late);
                            all.addAll(chunks);
                            return new FoundStream(stream, end.sequence(), end.sealed(), writtenMs, null, all);
                        }));
    }

    /**
     * Where a stream ends.
     *
     * @param trimPosition everything before it has been covered
     */
    private record End(long sequence, boolean sealed, long trimPosition) {}

    /**
     * A sealed stream that no tenure names is deleted from its front, up to its seal: what is left then begins above the trim position,
     * and nobody needs it. What lies before a hole then and was written after the seal is no sign of damage: everything before the
     * seal was there when that was written, so it was deleted, and put back by a late request of the stream's writer.
     */
    private static long from(End end, NavigableMap<Long, Long> writtenMs) {
        Long sealedMs = writtenMs.get(end.sequence());
        if (!end.sealed() || sealedMs == null) {
            return end.trimPosition();
        }
        long first = end.sequence();
        while (first > end.trimPosition() && writtenMs.containsKey(first - 1)) {
            first--;
        }
        boolean holes = between(writtenMs, end.trimPosition(), first).values().stream()
                .anyMatch(written -> written <= sealedMs);
        return holes ? end.trimPosition() : first;
    }

    /** What lies before the first object that is read in order, and may be somebody's nevertheless: an operator's who restores it. */
    private static NavigableSet<Long> putBack(End end, long from, NavigableMap<Long, Long> writtenMs) {
        return between(writtenMs, end.trimPosition(), from).navigableKeySet();
    }

    private static NavigableMap<Long, Long> between(NavigableMap<Long, Long> all, long from, long to) {
        return from < to ? all.subMap(from, true, to, false) : Collections.emptyNavigableMap();
    }

    /**
     * Where a seal is, or would go: the first missing sequence from the newest object's commit position on. When the seal was written
     * nothing was missing before it, but what is not needed may have been deleted since.
     */
    private CompletableFuture<End> endOf(StreamId stream, NavigableSet<Long> present) {
        return header(stream, present.last()).thenCompose(newest -> {
            long committed = newest.map(WalHeader::commitPosition).orElse(present.last());
            Iterator<Long> left = present.tailSet(committed, true).iterator();
            var seal = new Object() {
                @Nullable
                WalHeader header;
            };
            return LoopFutures.repeat(() -> seal.header != null || !left.hasNext()
                            ? null
                            : header(stream, left.next())
                                    .thenAccept(found ->
                                            seal.header = found.filter(header -> header.kind() == WalHeader.Kind.SEAL)
                                                    .orElse(null)))
                    .thenApply(_ -> {
                        long trim = newest.map(WalHeader::trimPosition).orElse(present.first());
                        WalHeader found = seal.header;
                        return found != null
                                ? new End(found.sequence(), true, Math.max(trim, found.trimPosition()))
                                : new End(firstMissing(present, committed), false, trim);
                    });
        });
    }

    private static long firstMissing(NavigableSet<Long> present, long from) {
        long sequence = from;
        while (present.contains(sequence)) {
            sequence++;
        }
        return sequence;
    }

    private CompletableFuture<Optional<WalHeader>> header(StreamId stream, long sequence) {
        String key = context.layout().walKey(stream, sequence);
        return LoopFutures.hop(context.objects().getRange(key, 0, WalHeader.BYTES), context.loop())
                .thenApply(bytes -> Optional.of(WalHeader.parse(bytes, key)))
                .exceptionally(failure -> {
                    Throwable cause = FutureFailure.cause(failure);
                    if (cause instanceof StorageException storage
                            && storage.kind() != StorageException.Kind.NOT_FOUND) {
                        throw storage;
                    }
                    return Optional.empty();
                });
    }

    /** One object after the other, leaving out what cannot be read. */
    private CompletableFuture<List<ChunkRef>> readable(StreamId stream, NavigableSet<Long> present) {
        var chunks = new ArrayList<ChunkRef>();
        Iterator<Long> left = present.iterator();
        return LoopFutures.repeat(() -> {
                    if (!left.hasNext()) {
                        return null;
                    }
                    long sequence = left.next();
                    return reader.chunks(stream, sequence + 1, sequence, chunk -> true)
                            .thenAccept(chunks::addAll)
                            .exceptionally(failure -> skipped(FutureFailure.cause(failure)));
                })
                .thenApply(_ -> chunks);
    }

    private static @Nullable Void skipped(Throwable cause) {
        if (cause instanceof StorageException storage) {
            throw storage;
        }
        return null; // a seal, or damage that is known already
    }
}
