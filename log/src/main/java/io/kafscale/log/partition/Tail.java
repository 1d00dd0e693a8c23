package io.kafscale.log.partition;

import io.kafscale.format.RecordBatchView;
import io.kafscale.format.RecordBatches;
import io.kafscale.log.segment.ChunkMemory;
import io.kafscale.log.segment.WaitingChunk;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The newest records of one partition, in memory: those not durable yet, which nobody sees and which stay whatever happens, and
 * those that are, for as long as {@link TailCache} has room. Without gaps, so readers at the end of the log need no store. Belongs
 * to the log loop.
 */
public final class Tail implements ChunkMemory {
    private record Pending(ByteBuffer batches, long lastOffset, long heldBytes) {}

    /** Durable batches that came in one WAL chunk. */
    static final class Chunk {
        final Tail owner;
        final long baseOffset;
        final long lastOffset;
        final int bytes;
        final long heldBytes;

        @Nullable
        List<ByteBuffer> slices;

        Chunk(Tail owner, long baseOffset, long lastOffset, List<ByteBuffer> slices, long heldBytes) {
            this.owner = owner;
            this.baseOffset = baseOffset;
            this.lastOffset = lastOffset;
            this.slices = slices;
            this.bytes = slices.stream().mapToInt(ByteBuffer::remaining).sum();
            this.heldBytes = heldBytes;
        }
    }

    private final TailCache cache;
    private final Deque<Pending> pending = new ArrayDeque<>();
    private final TreeMap<Long, Chunk> chunks = new TreeMap<>();

    Tail(TailCache cache) {
        this.cache = cache;
    }

    /**
     * Batches that were appended and are not durable yet.
     *
     * @param heldBytes what keeping them keeps in memory
     */
    void append(ByteBuffer batches, long lastOffset, long heldBytes) {
        pending.add(new Pending(batches.asReadOnlyBuffer(), lastOffset, heldBytes));
    }

    /** Everything up to {@code lastOffset} is durable, in one chunk that starts at {@code baseOffset}. */
    void commit(long baseOffset, long lastOffset) {
        var slices = new ArrayList<ByteBuffer>();
        long heldBytes = 0;
        while (!pending.isEmpty() && pending.element().lastOffset() <= lastOffset) {
            Pending batches = pending.remove();
            slices.add(batches.batches());
            heldBytes += batches.heldBytes();
        }
        var chunk = new Chunk(this, baseOffset, lastOffset, slices, heldBytes);
        chunks.put(baseOffset, chunk);
        cache.add(chunk);
    }

    /** Called by the cache, for the oldest chunk of this tail. */
    void evicted(Chunk chunk) {
        chunks.remove(chunk.baseOffset, chunk);
    }

    @Override
    public void dropBelow(long offset) {
        while (!chunks.isEmpty() && chunks.firstEntry().getValue().lastOffset < offset) {
            cache.drop(chunks.pollFirstEntry().getValue());
        }
    }

    /** Drops everything. */
    void close() {
        chunks.values().forEach(cache::drop);
        chunks.clear();
        pending.clear();
    }

    /** The first offset that can be read from memory, or the high watermark if none can. */
    public long memoryStart(long highWatermark) {
        return chunks.isEmpty() ? highWatermark : chunks.firstKey();
    }

    /** Bytes of durable batches from the chunk that holds {@code offset} on; counting stops at {@code enough}. */
    public long bytesFrom(long offset, long enough) {
        Long from = chunks.floorKey(offset);
        if (from == null) {
            return 0;
        }
        long sum = 0;
        for (Chunk chunk : chunks.tailMap(from).values()) {
            if (sum >= enough) {
                break;
            }
            sum += chunk.lastOffset >= offset ? chunk.bytes : 0;
        }
        return sum;
    }

    /**
     * Reads durable batches from the one that holds {@code offset} on.
     *
     * @param atLeastOne whether the first batch is read even if it is larger than {@code maxBytes}
     * @return empty if {@code offset} is not in memory
     */
    public Optional<BatchSlices> read(long offset, int maxBytes, boolean atLeastOne) {
        Map.Entry<Long, Chunk> first = chunks.floorEntry(offset);
        if (first == null || first.getValue().lastOffset < offset) {
            return Optional.empty();
        }
        var reading = new Reading(offset, maxBytes, atLeastOne);
        for (Chunk chunk : chunks.tailMap(first.getKey()).values()) {
            if (!reading.take(chunk)) {
                break;
            }
        }
        return Optional.of(reading.result());
    }

    private static final class Reading {
        private final long offset;
        private final int maxBytes;
        private final boolean atLeastOne;
        private final List<ByteBuffer> slices = new ArrayList<>();
        private int bytes;
        private long nextOffset;

        Reading(long offset, int maxBytes, boolean atLeastOne) {
            this.offset = offset;
            this.maxBytes = maxBytes;
            this.atLeastOne = atLeastOne;
            this.nextOffset = offset;
        }

        /** Returns whether more may be taken. */
        boolean take(Chunk chunk) {
            List<ByteBuffer> present = chunk.slices;
            if (present == null) {
                throw new IllegalStateException("a dropped chunk at " + chunk.baseOffset + " is still listed");
            }
            if (chunk.baseOffset >= offset && chunk.bytes <= maxBytes - bytes) {
                slices.addAll(present);
                bytes += chunk.bytes;
                nextOffset = chunk.lastOffset + 1;
                return true;
            }
            for (ByteBuffer slice : present) {
                if (!takePart(slice)) {
                    return false;
                }
            }
            return true;
        }

        private boolean takePart(ByteBuffer slice) {
            int from = -1;
            int to = -1;
            boolean full = false;
            for (RecordBatchView batch : RecordBatches.of(slice, "memory")) {
                if (batch.lastOffset() < offset) {
                    continue;
                }
                boolean fits = batch.sizeInBytes() <= maxBytes - bytes;
                if (!fits && !(atLeastOne && bytes == 0)) {
                    full = true;
                    break;
                }
                from = from < 0 ? batch.position() : from;
                to = batch.end();
                bytes += batch.sizeInBytes();
                nextOffset = batch.lastOffset() + 1;
            }
            if (from >= 0) {
                slices.add(slice.slice(from, to - from));
            }
            return !full;
        }

        BatchSlices result() {
            return new BatchSlices(slices, bytes, nextOffset);
        }
    }

    @Override
    public Optional<List<ByteBuffer>> batchesOf(WaitingChunk chunk) {
        Chunk held = chunks.get(chunk.baseOffset());
        return held == null || held.lastOffset != chunk.lastOffset()
                ? Optional.empty()
                : Optional.ofNullable(held.slices);
    }
}
