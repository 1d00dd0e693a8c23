package io.kafscale.log.segment;

import io.kafscale.format.Crc32c;
import io.kafscale.format.StreamId;
import io.kafscale.format.wal.WalBatch;
import io.kafscale.format.wal.WalChunk;
import io.kafscale.log.wal.ChunkRef;
import java.nio.ByteBuffer;

/**
 * A durable chunk that waits to become part of a segment: where it lies in the WAL and what its footer says of the whole. What the
 * footer says of each batch is not kept: with small batches it would outweigh the records. Immutable; any thread.
 *
 * @param stream the stream that holds it
 * @param sequence the object of the stream
 * @param position where the first batch starts in the object
 * @param length bytes of all batches
 * @param crc CRC-32C of these bytes
 * @param leaderEpoch epoch under which they were appended
 * @param baseOffset offset of the first record
 * @param lastOffset offset of the last record
 * @param maxTimestampMs greatest timestamp of a record; -1 if there is none
 * @param sinceNanos monotonic time since which this broker has known it to be durable
 */
public record WaitingChunk(
        StreamId stream,
        long sequence,
        int position,
        int length,
        int crc,
        int leaderEpoch,
        long baseOffset,
        long lastOffset,
        long maxTimestampMs,
        long sinceNanos) {
    /** Estimate of the heap one takes, in bytes, its slot in {@link WaitingChunks} included. */
    public static final int HEAP_BYTES = 88;

    /** What remains of a reference once the partition has taken its batches into account. */
    public static WaitingChunk of(ChunkRef ref, long sinceNanos) {
        WalChunk chunk = ref.chunk();
        long maxTimestampMs = -1;
        for (WalBatch batch : chunk.batches()) {
            maxTimestampMs = Math.max(maxTimestampMs, batch.maxTimestampMs());
        }
        return new WaitingChunk(
                ref.stream(),
                ref.sequence(),
                chunk.position(),
                chunk.length(),
                chunk.crc(),
                chunk.leaderEpoch(),
                chunk.baseOffset(),
                chunk.lastOffset(),
                maxTimestampMs,
                sinceNanos);
    }

    /** Position just behind it in the object. */
    public int end() {
        return position + length;
    }

    /** Whether these are its bytes. */
    public boolean crcMatches(ByteBuffer bytes) {
        return bytes.remaining() == length && Crc32c.of(bytes) == crc;
    }
}
