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
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
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
     * @param present the sequences of its objects
     * @param writtenMs when each of them was written
     * @param seal whether to seal it
     */
    CompletableFuture<FoundStream> read(
            StreamId stream, NavigableSet<Long> present, Map<Long, Long> writtenMs, boolean seal) {
        return endOf(stream, present)
                .thenCompose(end -> {
                    if (end.sealed() || !seal) {
                        return chunks(stream, end.sequence(), from(end, present), end.sealed(), writtenMs);
                    }
                    return sealer.seal(stream)
                            .thenCompose(
                                    made -> chunks(stream, made.sealSequence(), made.trimPosition(), true, writtenMs));
                })
                .exceptionallyCompose(failure -> {
                    if (LoopFutures.unwrap(failure) instanceof LogException damage
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
                    return CompletableFuture.failedFuture(LoopFutures.unwrap(failure));
                });
    }

    private CompletableFuture<FoundStream> chunks(
            StreamId stream, long end, long from, boolean sealed, Map<Long, Long> writtenMs) {
        return reader.chunks(stream, end, from, chunk -> true)
                .thenApply(chunks -> new FoundStream(stream, end, sealed, writtenMs, null, chunks));
    }

    /**
     * Where a stream ends.
     *
     * @param trimPosition everything before it has been covered
     */
    private record End(long sequence, boolean sealed, long trimPosition) {}

    /**
     * A sealed stream that no tenure names is deleted from its front, up to its seal: what is left then begins above the trim position,
     * and nobody needs it.
     */
    private static long from(End end, NavigableSet<Long> present) {
        if (!end.sealed()) {
            return end.trimPosition();
        }
        long first = end.sequence();
        while (first > end.trimPosition() && present.contains(first - 1)) {
            first--;
        }
        boolean holes = present.headSet(first, false).ceiling(end.trimPosition()) != null;
        return holes ? end.trimPosition() : first;
    }

    /** Where a seal is, or would go: the first missing sequence from the newest object's commit position on. */
    private CompletableFuture<End> endOf(StreamId stream, NavigableSet<Long> present) {
        return header(stream, present.last()).thenCompose(newest -> {
            var at = new Object() {
                long sequence = newest.map(WalHeader::commitPosition).orElse(present.last());
                boolean sealed;
            };
            long trim = newest.map(WalHeader::trimPosition).orElse(present.first());
            return LoopFutures.repeat(() -> at.sealed || !present.contains(at.sequence)
                            ? null
                            : header(stream, at.sequence).thenAccept(header -> {
                                at.sealed = header.map(WalHeader::kind).equals(Optional.of(WalHeader.Kind.SEAL));
                                at.sequence += at.sealed ? 0 : 1;
                            }))
                    .thenApply(_ -> new End(at.sequence, at.sealed, trim));
        });
    }

    private CompletableFuture<Optional<WalHeader>> header(StreamId stream, long sequence) {
        String key = context.layout().walKey(stream, sequence);
        return LoopFutures.hop(context.objects().getRange(key, 0, WalHeader.BYTES), context.loop())
                .thenApply(bytes -> Optional.of(WalHeader.parse(bytes, key)))
                .exceptionally(failure -> {
                    Throwable cause = LoopFutures.unwrap(failure);
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
                            .exceptionally(failure -> skipped(LoopFutures.unwrap(failure)));
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
