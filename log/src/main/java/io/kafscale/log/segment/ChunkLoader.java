package io.kafscale.log.segment;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.WalKey;
import io.kafscale.log.internal.LoopFutures;
import io.kafscale.runtime.FutureFailure;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Brings the batches of waiting chunks together: from memory where they still are, else from WAL objects, each read once for all
 * partitions that want something of it. Chunks that lie close together come in one request, which makes that the whole object
 * where many partitions of a flush are due at once; a single large chunk does not drag its neighbours along.
 *
 * <p>Belongs to the log loop; checksums are computed on the executor.
 */
final class ChunkLoader {
    /** Bytes between two wanted chunks that are cheaper to read than to leave out. */
    private static final int LARGEST_GAP = 1 << 20;

    private static final int PARALLEL_READS = 4;

    private static final Comparator<WalKey> BY_STREAM_AND_SEQUENCE =
            Comparator.comparing(WalKey::stream).thenComparingLong(WalKey::sequence);

    private record Range(WalKey object, List<WaitingChunk> chunks) {
        int position() {
            return chunks.getFirst().position();
        }

        int length() {
            return chunks.getLast().end() - position();
        }
    }

    private final PartitionStores stores;
    private final StoreRetries retries;
    private final Executor compute;

    ChunkLoader(PartitionStores stores, StoreRetries retries, Executor compute) {
        this.stores = stores;
        this.retries = retries;
        this.compute = compute;
    }

    /** Starts to load the chunks of all cuts. */
    Loaded load(List<SegmentCut> cuts) {
        var loaded = new Loaded();
        Map<WalKey, List<WaitingChunk>> wanted = new TreeMap<>(BY_STREAM_AND_SEQUENCE);
        for (SegmentCut cut : cuts) {
            for (WaitingChunk chunk : cut.chunks()) {
                cut.partition()
                        .memory()
                        .batchesOf(chunk)
                        .ifPresentOrElse(
                                batches -> loaded.put(chunk, batches),
                                () -> wanted.computeIfAbsent(
                                                new WalKey(chunk.stream(), chunk.sequence()), key -> new ArrayList<>())
                                        .add(chunk));
            }
        }
        wanted.forEach((object, chunks) -> loaded.ranges.addAll(ranges(object, chunks)));
        for (int i = 0; i < PARALLEL_READS; i++) {
            loaded.readNext();
        }
        return loaded;
    }

    private static List<Range> ranges(WalKey object, List<WaitingChunk> chunks) {
        chunks.sort(Comparator.comparingInt(WaitingChunk::position));
        var ranges = new ArrayList<Range>();
        for (WaitingChunk chunk : chunks) {
            Range last = ranges.isEmpty() ? null : ranges.getLast();
            if (last == null || chunk.position() - last.chunks().getLast().end() > LARGEST_GAP) {
                ranges.add(new Range(object, new ArrayList<>(List.of(chunk))));
            } else {
                last.chunks().add(chunk);
            }
        }
        return ranges;
    }

    /** The batches of chunks, as they arrive. */
    final class Loaded {
        private final IdentityHashMap<WaitingChunk, List<ByteBuffer>> batches = new IdentityHashMap<>();
        private final IdentityHashMap<WaitingChunk, Throwable> failures = new IdentityHashMap<>();
        private final Deque<Range> ranges = new ArrayDeque<>();
        private final CompletableFuture<Void> done = new CompletableFuture<>();
        private int reading;

        /** Completes once everything has arrived or failed; never fails. */
        CompletableFuture<Void> done() {
            return done;
        }

        /**
         * Takes the batches of a cut, which are then no longer kept here.
         *
         * @return a failed future if one of its chunks could not be read
         */
        CompletableFuture<List<ByteBuffer>> take(SegmentCut cut) {
            var taken = new ArrayList<ByteBuffer>();
            for (WaitingChunk chunk : cut.chunks()) {
                Throwable failure = failures.get(chunk);
                if (failure != null) {
                    return CompletableFuture.failedFuture(failure);
                }
                List<ByteBuffer> present = batches.remove(chunk);
                if (present == null) {
                    throw new IllegalStateException("chunk " + chunk + " was taken before it was loaded");
                }
                taken.addAll(present);
            }
            return CompletableFuture.completedFuture(taken);
        }

        private void put(WaitingChunk chunk, List<ByteBuffer> present) {
            batches.put(chunk, present);
        }

        private void readNext() {
            Range range = ranges.poll();
            if (range == null) {
                if (reading == 0) {
                    done.complete(null);
                }
                return;
            }
            reading++;
            read(range).whenComplete((nothing, failure) -> {
                if (failure != null) {
                    range.chunks().forEach(chunk -> failures.put(chunk, FutureFailure.cause(failure)));
                }
                reading--;
                readNext();
            });
        }

        private CompletableFuture<Void> read(Range range) {
            String key = stores.layout().walKey(range.object());
            return retries.run(() -> stores.objects().getRange(key, range.position(), range.length()))
                    .thenCompose(bytes -> LoopFutures.hop(
                            CompletableFuture.supplyAsync(() -> split(range, bytes), compute), stores.loop()))
                    .thenCompose(slices -> keep(range, slices, key));
        }

        /** A chunk whose bytes are not what its footer says is read once more, alone: the damage may be of the transfer. */
        private CompletableFuture<Void> keep(Range range, List<ByteBuffer> slices, String key) {
            CompletableFuture<Void> rest = CompletableFuture.completedFuture(null);
            for (int i = 0; i < slices.size(); i++) {
                WaitingChunk chunk = range.chunks().get(i);
                if (slices.get(i).hasRemaining()) {
                    put(chunk, List.of(slices.get(i)));
                } else {
                    rest = rest.thenCompose(nothing -> readAgain(chunk, key));
                }
            }
            return rest;
        }

        private CompletableFuture<Void> readAgain(WaitingChunk chunk, String key) {
            return retries.run(() -> stores.objects().getRange(key, chunk.position(), chunk.length()))
                    .handle((bytes, failure) -> {
                        if (failure != null) {
                            failures.put(chunk, FutureFailure.cause(failure));
                        } else if (chunk.crcMatches(bytes)) {
                            put(chunk, List.of(bytes));
                        } else {
                            failures.put(
                                    chunk,
                                    new CorruptObjectException(
                                                    "WAL chunk does not match its checksum", key, chunk.position())
                                            .with("offsets", chunk.baseOffset() + ".." + chunk.lastOffset()));
                        }
                        return null;
                    });
        }
    }

    /** The bytes of each chunk, empty where they do not match; a small part of a large range is copied so as not to keep it. */
    private static List<ByteBuffer> split(Range range, ByteBuffer bytes) {
        var slices = new ArrayList<ByteBuffer>(range.chunks().size());
        long wanted = range.chunks().stream().mapToLong(WaitingChunk::length).sum();
        boolean copy = wanted < bytes.remaining() / 2;
        for (WaitingChunk chunk : range.chunks()) {
            int from = bytes.position() + chunk.position() - range.position();
            ByteBuffer slice =
                    from + chunk.length() <= bytes.limit() ? bytes.slice(from, chunk.length()) : ByteBuffer.allocate(0);
            if (!chunk.crcMatches(slice)) {
                slices.add(ByteBuffer.allocate(0));
            } else {
                slices.add(copy ? ByteBuffer.allocate(chunk.length()).put(slice).flip() : slice);
            }
        }
        return slices;
    }
}
