package io.kafscale.format;

import java.nio.ByteBuffer;

/**
 * A view of the header of one Kafka record batch (magic 2) in a buffer. Nothing is copied: the view shares the bytes, and
 * the two setters write into them (both fields lie before the batch's CRC, which stays valid).
 *
 * <p>A view can only be had with a header whose lengths and counts are in bounds, see {@link #at}. It has no state of its
 * own beyond the place it looks at; whoever owns the bytes says which thread may write them.
 */
public final class RecordBatchView {
    /** Bytes of a batch header. */
    public static final int HEADER_BYTES = 61;
    /** Bytes before those that the batch's length field counts. */
    public static final int LENGTH_OVERHEAD = 12;
    /** Producer id of a batch that no idempotent producer sent. */
    public static final long NO_PRODUCER_ID = -1;
    /** Sequence of a batch that no idempotent producer sent. */
    public static final int NO_SEQUENCE = -1;

    static final int LENGTH = 8;
    static final int LEADER_EPOCH = 12;
    static final int MAGIC = 16;
    static final int CRC = 17;
    static final int ATTRIBUTES = 21;
    static final int LAST_OFFSET_DELTA = 23;
    static final int BASE_TIMESTAMP = 27;
    static final int MAX_TIMESTAMP = 35;
    static final int PRODUCER_ID = 43;
    static final int PRODUCER_EPOCH = 51;
    static final int BASE_SEQUENCE = 53;
    static final int RECORD_COUNT = 57;

    private static final int COMPRESSION_MASK = 0x07;
    private static final int LOG_APPEND_TIME_FLAG = 0x08;
    private static final int TRANSACTIONAL_FLAG = 0x10;
    private static final int CONTROL_FLAG = 0x20;

    private final ByteBuffer buffer;
    private final int position;

    RecordBatchView(ByteBuffer buffer, int position) {
        this.buffer = buffer;
        this.position = position;
    }

    /**
     * The batch at an absolute index of a buffer; it must lie whole below the buffer's limit.
     *
     * @param object name for errors
     * @throws CorruptObjectException if there is no whole batch of magic 2 there, at the index as position
     */
    public static RecordBatchView at(ByteBuffer buffer, int index, String object) {
        var batches = RecordBatches.of(buffer.duplicate().position(index), object, index)
                .iterator();
        if (!batches.hasNext()) {
            throw new CorruptObjectException("there is no record batch", object, index);
        }
        return batches.next();
    }

    /** Index of the batch in the buffer. */
    public int position() {
        return position;
    }

    /** Index just behind the batch in the buffer. */
    public int end() {
        return position + sizeInBytes();
    }

    /** Bytes of the batch, header included. */
    public int sizeInBytes() {
        return LENGTH_OVERHEAD + buffer.getInt(position + LENGTH);
    }

    /** The bytes of the batch, shared with the buffer. */
    public ByteBuffer slice() {
        return buffer.slice(position, sizeInBytes());
    }

    /** Offset of the first record. */
    public long baseOffset() {
        return buffer.getLong(position);
    }

    /** Offset of the last record. */
    public long lastOffset() {
        return baseOffset() + lastOffsetDelta();
    }

    /** Distance from the base offset to the last offset. */
    public int lastOffsetDelta() {
        return buffer.getInt(position + LAST_OFFSET_DELTA);
    }

    /** Writes the base offset in place. */
    public void setBaseOffset(long baseOffset) {
        buffer.putLong(position, baseOffset);
    }

    /** Leader epoch under which the batch was appended. */
    public int partitionLeaderEpoch() {
        return buffer.getInt(position + LEADER_EPOCH);
    }

    /** Writes the leader epoch in place. */
    public void setPartitionLeaderEpoch(int leaderEpoch) {
        buffer.putInt(position + LEADER_EPOCH, leaderEpoch);
    }

    /** Version of the batch format; always 2 in a view. */
    public byte magic() {
        return buffer.get(position + MAGIC);
    }

    /** The stored CRC-32C of everything behind the CRC field. */
    public int crc() {
        return buffer.getInt(position + CRC);
    }

    /** Whether the stored CRC is that of the bytes; reads the whole batch. */
    public boolean crcMatches() {
        return crc() == Crc32c.of(buffer, position + ATTRIBUTES, sizeInBytes() - ATTRIBUTES);
    }

    /** The attribute bits. */
    public short attributes() {
        return buffer.getShort(position + ATTRIBUTES);
    }

    /** Kafka's number of the compression codec: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
    public int compression() {
        return attributes() & COMPRESSION_MASK;
    }

    /** Whether the timestamps are those of the append, not of the producer. */
    public boolean isLogAppendTime() {
        return (attributes() & LOG_APPEND_TIME_FLAG) != 0;
    }

    /** Whether the batch belongs to a transaction. */
    public boolean isTransactional() {
        return (attributes() & TRANSACTIONAL_FLAG) != 0;
    }

    /** Whether the batch holds control records, which no consumer sees. */
    public boolean isControl() {
        return (attributes() & CONTROL_FLAG) != 0;
    }

    /** Timestamp that the records' timestamps are relative to, in milliseconds. */
    public long baseTimestamp() {
        return buffer.getLong(position + BASE_TIMESTAMP);
    }

    /** Greatest timestamp of a record in the batch, in milliseconds; -1 if the records have none. */
    public long maxTimestamp() {
        return buffer.getLong(position + MAX_TIMESTAMP);
    }

    /** Id of the idempotent producer, or {@link #NO_PRODUCER_ID}. */
    public long producerId() {
        return buffer.getLong(position + PRODUCER_ID);
    }

    /** Whether an idempotent producer sent the batch. */
    public boolean hasProducerId() {
        return producerId() > NO_PRODUCER_ID;
    }

    /** Epoch of the idempotent producer, or -1. */
    public short producerEpoch() {
        return buffer.getShort(position + PRODUCER_EPOCH);
    }

    /** Sequence of the first record, or {@link #NO_SEQUENCE}. */
    public int baseSequence() {
        return buffer.getInt(position + BASE_SEQUENCE);
    }

    /** Sequence of the last record, or {@link #NO_SEQUENCE}. */
    public int lastSequence() {
        int base = baseSequence();
        return base == NO_SEQUENCE ? NO_SEQUENCE : Sequences.add(base, lastOffsetDelta());
    }

    /** Number of records. */
    public int recordCount() {
        return buffer.getInt(position + RECORD_COUNT);
    }

    @Override
    public String toString() {
        return "RecordBatchView[offsets " + baseOffset() + ".." + lastOffset() + ", " + sizeInBytes() + " bytes]";
    }
}
