package io.kafscale.format.wal;

import io.kafscale.format.Crc32c;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;

/**
 * One run of record batches in a WAL object, all of one partition and leader epoch, dense in offsets and bytes.
 * Immutable; any thread.
 *
 * @param key whose batches these are
 * @param position where the first batch starts in the object
 * @param length bytes of all batches
 * @param crc CRC-32C of these bytes
 * @param batches the batches in order, at least one
 */
public record WalChunk(ChunkKey key, int position, int length, int crc, List<WalBatch> batches) {
    public WalChunk {
        batches = List.copyOf(batches);
        if (batches.isEmpty()) {
            throw new IllegalArgumentException("a chunk without batches: " + key);
        }
    }

    /** Id of the topic. */
    public UUID topicId() {
        return key.topicId();
    }

    /** Name of the topic. */
    public String topic() {
        return key.topic();
    }

    /** Partition of the topic. */
    public int partition() {
        return key.partition();
    }

    /** Leader epoch under which the batches were appended. */
    public int leaderEpoch() {
        return key.leaderEpoch();
    }

    /** Offset of the first record. */
    public long baseOffset() {
        return batches.getFirst().baseOffset();
    }

    /** Offset of the last record. */
    public long lastOffset() {
        return batches.getLast().lastOffset();
    }

    /** Position just behind the chunk in the object. */
    public int end() {
        return position + length;
    }

    /** The chunk's bytes, shared with the whole object, which lies between the buffer's position and limit. */
    public ByteBuffer bytesIn(ByteBuffer wholeObject) {
        return wholeObject.slice(wholeObject.position() + position, length);
    }

    /** Whether these are the chunk's bytes. */
    public boolean crcMatches(ByteBuffer chunkBytes) {
        return chunkBytes.remaining() == length && Crc32c.of(chunkBytes) == crc;
    }

    /** Estimate of the heap this directory entry occupies, in bytes, for charging it to a budget. */
    public long heapBytes() {
        return 160 + 2L * key.topic().length() + 72L * batches.size();
    }
}
