package io.kafscale.log.wal;

import io.kafscale.format.StreamId;
import io.kafscale.format.wal.WalChunk;
import io.kafscale.format.wal.WalHeader;
import io.kafscale.format.wal.WalSeal;
import io.kafscale.log.LogException;
import io.kafscale.objectstore.StorageException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** Reads streams: footers for a takeover, whole objects for their data. Log loop only. */
public final class StreamReader {
    private final StreamObjects objects;

    /** A reader of any stream in this store. */
    public StreamReader(WalStore store) {
        this.objects = new StreamObjects(store);
    }

    /**
     * The chunks of a sealed stream, in its order, from footers alone. Every 64th footer repeats those before it, so few are read; a
     * bounded number at a time.
     *
     * @param sealSequence where the stream ends; every object before it must be there
     * @param fromSequence first object to read, at least the stream's trim position
     * @param wanted which chunks to keep
     * @return fails with {@link LogException} of kind CORRUPT if an object is missing, damaged or not data, naming it; with
     *     {@link StorageException} if the store could not be read
     */
    public CompletableFuture<List<ChunkRef>> chunks(
            StreamId stream, long sealSequence, long fromSequence, Predicate<WalChunk> wanted) {
        return chunks(stream, sealSequence, fromSequence, Set.of(), wanted);
    }

    /**
     * The same, but for what has been read already.
     *
     * @param known objects whose footers need not be read again, since objects never change; the chunks of these are left out
     */
    public CompletableFuture<List<ChunkRef>> chunks(
            StreamId stream, long sealSequence, long fromSequence, Set<Long> known, Predicate<WalChunk> wanted) {
        var sequences = LongStream.range(fromSequence, sealSequence)
                .boxed()
                .filter(sequence -> !known.contains(sequence))
                .collect(Collectors.toCollection(TreeSet::new));
        return WalStore.unwrapped(new SealedReading(stream, sequences, sealSequence, wanted).start());
    }

    /**
     * What the seal of a stream says that was sealed and verified before: unlike sealing again this holds even while the stream's
     * objects are being collected, and costs one request.
     *
     * @return fails with {@link LogException} of kind CORRUPT if there is no seal; with {@link StorageException} if the store could
     *     not be read
     */
    public CompletableFuture<SealedStream> endOf(StreamId stream, long sealSequence) {
        return WalStore.unwrapped(objects.header(stream, sealSequence).thenApply(found -> {
            var seal = found.filter(header -> header.kind() == WalHeader.Kind.SEAL)
                    .orElseThrow(() -> new LogException(
                            LogException.Kind.CORRUPT,
                            "stream " + stream + " was sealed at " + sealSequence + " and has no seal there"));
            return new SealedStream(stream, sealSequence, seal.trimPosition());
        }));
    }

    /**
     * A whole object, every byte of it verified.
     *
     * @return a heap buffer that belongs to the caller, where chunks lie at their positions. Fails with {@link LogException} of kind
     *     CORRUPT if it is damaged, with {@link StorageException} if it is not there or could not be read
     */
    public CompletableFuture<ByteBuffer> object(StreamId stream, long sequence) {
        return WalStore.unwrapped(objects.whole(stream, sequence));
    }

    /** One call of {@link #chunks}. */
    private final class SealedReading extends FooterReading {
        private final long end;

        SealedReading(StreamId stream, NavigableSet<Long> sequences, long end, Predicate<WalChunk> wanted) {
            super(objects, stream, sequences, wanted);
            this.end = end;
        }

        @Override
        void missing(long sequence) {
            throw damage(sequence, "is missing");
        }

        @Override
        void seal(WalSeal seal) {
            throw damage(seal.header().sequence(), "is a seal");
        }

        private LogException damage(long sequence, String what) {
            return new LogException(
                    LogException.Kind.CORRUPT,
                    "WAL object " + sequence + " of stream " + stream() + " " + what + " although the stream ends at "
                            + end);
        }
    }
}
