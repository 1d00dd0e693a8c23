package io.kafscale.format.wal;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.Crc32c;
import io.kafscale.format.RecordBatchView;
import io.kafscale.format.RecordBatches;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The open WAL object: collects the record batches of all partitions until it is closed and built. Keeps slices of the
 * buffers it is given and copies none; they must not change before the last attempt to send the object has ended. Not
 * thread-safe: belongs to one event loop.
 */
public final class WalObjectBuilder {
    /** Most bytes of repeated directories in a footer; the oldest are left out beyond it. */
    public static final int MAX_CONSOLIDATED_BYTES = 8 << 20;

    private static final class OpenChunk {
        private final List<ByteBuffer> slices = new ArrayList<>();
        private final List<WalBatch> batches = new ArrayList<>();
        private int length;

        WalChunk close(ChunkKey key, int position) {
            var placed = batches.stream().map(batch -> batch.movedBy(position)).toList();
            return new WalChunk(key, position, length, Crc32c.of(slices), placed);
        }
    }

    private final Map<ChunkKey, OpenChunk> chunks = new LinkedHashMap<>();
    private long dataBytes;
    private long footerBytes = WalFooterEncoder.emptyDataFooterBytes();

    /**
     * Appends batches of one partition and leader epoch behind those that the object already has of it.
     *
     * @param batches one or more whole batches from position to limit, with final offsets and leader epoch, dense with
     *     each other and with those before; shared, not copied
     * @throws CorruptObjectException if the buffer holds anything but whole batches
     * @throws IllegalArgumentException if there is none, an offset is missing or a leader epoch is another, or the object
     *     would be too long. After an exception the object is as before
     */
    public void append(ChunkKey key, ByteBuffer batches) {
        var chunk = chunks.get(key);
        var slice = batches.slice();
        var added = describe(key, slice, chunk);
        long addedFooterBytes = (long) WalFooterEncoder.BATCH_BYTES * added.size()
                + (chunk == null ? WalFooterEncoder.emptyChunkBytes(key) : 0);
        checkBounds(slice.remaining(), addedFooterBytes);
        if (chunk == null) {
            chunk = new OpenChunk();
            chunks.put(key, chunk);
        }
        chunk.slices.add(slice);
        chunk.batches.addAll(added);
        chunk.length += slice.remaining();
        dataBytes += slice.remaining();
        footerBytes += addedFooterBytes;
    }

    /** What is written must be readable, with the largest repeated directories too. */
    private void checkBounds(int addedDataBytes, long addedFooterBytes) {
        long footer = footerBytes + addedFooterBytes + MAX_CONSOLIDATED_BYTES;
        long object = WalHeader.BYTES + dataBytes + addedDataBytes + footer;
        if (footer > WalLimits.DEFAULT.maxFooterBytes() || object > WalLimits.DEFAULT.maxObjectBytes()) {
            throw new IllegalArgumentException("a WAL object of " + object + " bytes is too long");
        }
    }

    private static List<WalBatch> describe(ChunkKey key, ByteBuffer slice, @Nullable OpenChunk chunk) {
        int position = chunk == null ? 0 : chunk.length;
        var added = new ArrayList<WalBatch>();
        for (RecordBatchView batch : RecordBatches.of(slice, "append to " + key)) {
            var previous = !added.isEmpty() ? added.getLast() : chunk == null ? null : chunk.batches.getLast();
            if (previous != null && batch.baseOffset() != previous.lastOffset() + 1) {
                throw new IllegalArgumentException(
                        "chunk offsets must be dense: expected " + (previous.lastOffset() + 1) + ", got " + batch);
            }
            if (batch.partitionLeaderEpoch() != key.leaderEpoch()) {
                throw new IllegalArgumentException(
                        "leader epoch " + batch.partitionLeaderEpoch() + " of " + batch + " in a chunk of " + key);
            }
            added.add(WalBatch.of(batch, position + batch.position()));
        }
        if (added.isEmpty()) {
            throw new IllegalArgumentException("no batch to append to " + key);
        }
        return added;
    }

    /** Whether nothing has been appended. */
    public boolean isEmpty() {
        return chunks.isEmpty();
    }

    /** Number of chunks. */
    public int chunkCount() {
        return chunks.size();
    }

    /** Bytes of record batches. */
    public long dataBytes() {
        return dataBytes;
    }

    /** Bytes that the object would have if it were built now without repeated directories. */
    public long sizeInBytes() {
        return WalHeader.BYTES + dataBytes + footerBytes;
    }

    /**
     * Builds the object; the builder is then done with.
     *
     * @param header kind must be data
     * @param earlier directories of up to {@link WalDirectory#CONSOLIDATION_INTERVAL} objects before this one, ascending,
     *     for its footer to repeat; usually none. Where they are too large the oldest are left out
     */
    public WalObject build(WalHeader header, List<WalDirectory> earlier) {
        if (chunks.isEmpty()) {
            throw new IllegalStateException("a WAL object needs at least one chunk");
        }
        var directory = new ArrayList<WalChunk>(chunks.size());
        var body = new ArrayList<ByteBuffer>();
        int position = WalHeader.BYTES;
        for (Map.Entry<ChunkKey, OpenChunk> entry : chunks.entrySet()) {
            var chunk = entry.getValue().close(entry.getKey(), position);
            directory.add(chunk);
            body.addAll(entry.getValue().slices);
            position = chunk.end();
        }
        return WalFooterEncoder.object(new WalData(header, directory, newestThatFit(header, earlier)), body);
    }

    private static List<WalDirectory> newestThatFit(WalHeader header, List<WalDirectory> earlier) {
        if (earlier.size() > WalDirectory.CONSOLIDATION_INTERVAL) {
            throw new IllegalArgumentException("too many directories to repeat: " + earlier.size());
        }
        var kept = new ArrayDeque<WalDirectory>(earlier.size());
        long next = header.sequence();
        long bytes = 0;
        for (WalDirectory directory : earlier.reversed()) {
            if (directory.sequence() >= next) {
                throw new IllegalArgumentException("directories to repeat do not ascend below " + header);
            }
            next = directory.sequence();
            bytes += WalFooterEncoder.sizeInBytes(directory);
            if (bytes > MAX_CONSOLIDATED_BYTES) {
                break;
            }
            kept.addFirst(directory);
        }
        return List.copyOf(kept);
    }
}
