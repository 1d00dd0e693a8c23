package io.kafscale.log.wal;

import io.kafscale.format.StreamId;
import io.kafscale.format.wal.WalChunk;
import io.kafscale.format.wal.WalData;
import io.kafscale.format.wal.WalDirectory;
import io.kafscale.format.wal.WalFooter;
import io.kafscale.format.wal.WalGenesis;
import io.kafscale.format.wal.WalHeader;
import io.kafscale.format.wal.WalSeal;
import io.kafscale.log.LogException;
import io.kafscale.objectstore.StorageException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;

/** Reads streams: footers for a takeover, whole objects for their data. Log loop only. */
public final class StreamReader {
    private static final int PARALLEL_READS = 16;

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
     * @return fails with {@link LogException} of kind CORRUPT if an object is missing, damaged or not data, naming it; with
     *     {@link StorageException} if the store could not be read
     */
    public CompletableFuture<List<ChunkRef>> chunks(StreamId stream, long sealSequence, long fromSequence) {
        return WalStore.unwrapped(new Reading(stream, fromSequence, sealSequence).start());
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
    private final class Reading {
        private final StreamId stream;
        private final long from;
        private final long end;
        private final NavigableMap<Long, List<WalChunk>> directories = new TreeMap<>();

        Reading(StreamId stream, long from, long end) {
            this.stream = stream;
            this.from = from;
            this.end = end;
        }

        CompletableFuture<List<ChunkRef>> start() {
            long[] wanted = LongStream.range(from, end)
                    .filter(sequence -> repeats(sequence) || sequence > lastRepeating())
                    .toArray();
            return readAll(wanted)
                    .thenCompose(_ -> readAll(LongStream.range(from, end)
                            .filter(sequence -> !directories.containsKey(sequence))
                            .toArray()))
                    .thenApply(_ -> inOrder());
        }

        private static boolean repeats(long sequence) {
            return sequence % WalDirectory.CONSOLIDATION_INTERVAL == 0;
        }

        private long lastRepeating() {
            return (end - 1) / WalDirectory.CONSOLIDATION_INTERVAL * WalDirectory.CONSOLIDATION_INTERVAL;
        }

        private CompletableFuture<Void> readAll(long[] sequences) {
            var waiting = new ArrayDeque<Long>(sequences.length);
            LongStream.of(sequences).forEach(waiting::add);
            var lanes = new ArrayList<CompletableFuture<Void>>();
            for (int lane = 0; lane < Math.min(PARALLEL_READS, sequences.length); lane++) {
                lanes.add(readNext(waiting));
            }
            return CompletableFuture.allOf(lanes.toArray(CompletableFuture[]::new));
        }

        private CompletableFuture<Void> readNext(ArrayDeque<Long> waiting) {
            Long sequence = waiting.poll();
            if (sequence == null) {
                return CompletableFuture.completedFuture(null);
            }
            return objects.footer(stream, sequence)
                    .exceptionally(thrown -> {
                        waiting.clear();
                        throw missingIsDamage(sequence, thrown);
                    })
                    .thenCompose(footer -> {
                        add(sequence, footer);
                        return readNext(waiting);
                    });
        }

        private RuntimeException missingIsDamage(long sequence, Throwable thrown) {
            if (WalStore.cause(thrown) instanceof LogException damage) {
                return damage;
            }
            var failure = WalStore.failure(thrown, "WAL stream " + stream);
            return failure.kind() == StorageException.Kind.NOT_FOUND ? damage(sequence, "is missing") : failure;
        }

        private void add(long sequence, WalFooter footer) {
            switch (footer) {
                case WalGenesis _ -> directories.put(sequence, List.of());
                case WalSeal _ -> throw damage(sequence, "is a seal");
                case WalData data -> {
                    directories.put(sequence, data.chunks());
                    for (WalDirectory earlier : data.consolidated()) {
                        if (earlier.sequence() >= from) {
                            directories.put(earlier.sequence(), earlier.chunks());
                        }
                    }
                }
            }
        }

        private LogException damage(long sequence, String what) {
            return new LogException(
                    LogException.Kind.CORRUPT,
                    "WAL object " + sequence + " of stream " + stream + " " + what + " although the stream ends at "
                            + end);
        }

        private List<ChunkRef> inOrder() {
            var chunks = new ArrayList<ChunkRef>();
            directories.forEach((sequence, directory) ->
                    directory.forEach(chunk -> chunks.add(new ChunkRef(stream, sequence, chunk))));
            return List.copyOf(chunks);
        }
    }
}
