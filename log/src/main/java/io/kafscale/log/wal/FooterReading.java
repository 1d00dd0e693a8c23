package io.kafscale.log.wal;

import io.kafscale.format.StreamId;
import io.kafscale.format.wal.WalChunk;
import io.kafscale.format.wal.WalData;
import io.kafscale.format.wal.WalDirectory;
import io.kafscale.format.wal.WalFooter;
import io.kafscale.format.wal.WalGenesis;
import io.kafscale.format.wal.WalSeal;
import io.kafscale.log.LogException;
import io.kafscale.objectstore.StorageException;
import io.kafscale.runtime.FutureFailure;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/**
 * Reads the footers of certain objects of one stream. Every 64th repeats those before it, so these are read first, and of the rest
 * what none of them repeated; a bounded number at a time. Used once. Log loop only.
 */
abstract class FooterReading {
    /** The larger, the fewer times the store's latency a takeover takes; each may hold a footer of some megabytes. */
    private static final int PARALLEL_READS = 64;

    private final StreamObjects objects;
    private final StreamId stream;
    private final NavigableSet<Long> sequences;
    private final Predicate<WalChunk> wanted;
    private final NavigableMap<Long, List<WalChunk>> directories = new TreeMap<>();

    /**
     * A reading that has not started.
     *
     * @param sequences the objects to read; not changed meanwhile
     * @param wanted which of their chunks to keep
     */
    FooterReading(StreamObjects objects, StreamId stream, NavigableSet<Long> sequences, Predicate<WalChunk> wanted) {
        this.objects = objects;
        this.stream = stream;
        this.sequences = sequences;
        this.wanted = wanted;
    }

    /** There is no such object; returns where that may be. */
    abstract void missing(long sequence);

    /** One of the objects is a seal; returns where that may be. */
    abstract void seal(WalSeal seal);

    /** Asks for a footer. */
    CompletableFuture<WalFooter> read(long sequence) {
        return objects.footer(stream, sequence);
    }

    /** One of the objects has this footer. */
    void footer(WalFooter footer) {}

    StreamId stream() {
        return stream;
    }

    /** Reads; the wanted chunks in the order of the stream. */
    CompletableFuture<List<ChunkRef>> start() {
        long lastRepeating = sequences.isEmpty() ? 0 : sequences.last() / interval() * interval();
        return readAll(sequence -> sequence % interval() == 0 || sequence > lastRepeating)
                .thenCompose(_ -> readAll(sequence -> !directories.containsKey(sequence)))
                .thenApply(_ -> inOrder());
    }

    private static long interval() {
        return WalDirectory.CONSOLIDATION_INTERVAL;
    }

    private CompletableFuture<Void> readAll(Predicate<Long> which) {
        var waiting = new ArrayDeque<Long>();
        sequences.stream().filter(which).forEach(waiting::add);
        int lanes = Math.min(PARALLEL_READS, waiting.size());
        var reads = new ArrayList<CompletableFuture<Void>>(lanes);
        for (int lane = 0; lane < lanes; lane++) {
            reads.add(readNext(waiting));
        }
        return CompletableFuture.allOf(reads.toArray(CompletableFuture[]::new));
    }

    private CompletableFuture<Void> readNext(ArrayDeque<Long> waiting) {
        Long sequence = waiting.poll();
        if (sequence == null) {
            return CompletableFuture.completedFuture(null);
        }
        return read(sequence)
                .handle((footer, thrown) -> {
                    try {
                        if (thrown == null) {
                            add(sequence, footer);
                        } else {
                            absent(sequence, thrown);
                        }
                    } catch (RuntimeException failure) {
                        waiting.clear();
                        throw failure;
                    }
                    return null;
                })
                .thenCompose(_ -> readNext(waiting));
    }

    private void absent(long sequence, Throwable thrown) {
        if (FutureFailure.cause(thrown) instanceof LogException damage) {
            throw damage;
        }
        var failure = WalStore.failure(thrown, "WAL stream " + stream);
        if (failure.kind() != StorageException.Kind.NOT_FOUND) {
            throw failure;
        }
        missing(sequence);
        directories.put(sequence, List.of());
    }

    private void add(long sequence, WalFooter footer) {
        switch (footer) {
            case WalGenesis _ -> directories.put(sequence, List.of());
            case WalSeal seal -> {
                seal(seal);
                directories.put(sequence, List.of());
            }
            case WalData data -> {
                keep(sequence, data.chunks());
                for (WalDirectory earlier : data.consolidated()) {
                    if (sequences.contains(earlier.sequence())) {
                        keep(earlier.sequence(), earlier.chunks());
                    }
                }
            }
        }
        footer(footer);
    }

    private void keep(long sequence, List<WalChunk> chunks) {
        directories.put(sequence, chunks.stream().filter(wanted).toList());
    }

    private List<ChunkRef> inOrder() {
        var chunks = new ArrayList<ChunkRef>();
        directories.forEach(
                (sequence, directory) -> directory.forEach(chunk -> chunks.add(new ChunkRef(stream, sequence, chunk))));
        return List.copyOf(chunks);
    }
}
