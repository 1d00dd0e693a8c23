package io.kafscale.format;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Encodes one uncompressed Kafka record batch (magic 2) from records with dense offsets. Meant for tools, simulations and
 * tests; brokers store what producers encoded. Not thread-safe; the encoder keeps the arrays it is given until
 * {@link #encode}.
 */
public final class RecordBatchEncoder {
    private record Entry(
            long timestampMs,
            @Nullable ByteBuffer key,
            @Nullable ByteBuffer value) {}

    private static final byte MAGIC = 2;

    private final long baseOffset;
    private final List<Entry> entries = new ArrayList<>();
    private int leaderEpoch;
    private int attributes;
    private long producerId = RecordBatchView.NO_PRODUCER_ID;
    private short producerEpoch = -1;
    private int baseSequence = RecordBatchView.NO_SEQUENCE;

    private RecordBatchEncoder(long baseOffset) {
        this.baseOffset = baseOffset;
    }

    /** A batch whose first record has this offset. */
    public static RecordBatchEncoder at(long baseOffset) {
        return new RecordBatchEncoder(baseOffset);
    }

    /** The leader epoch in the header; 0 unless set. */
    public RecordBatchEncoder leaderEpoch(int epoch) {
        this.leaderEpoch = epoch;
        return this;
    }

    /** The attribute bits in the header; 0 (uncompressed, create time) unless set. The bytes are never compressed. */
    public RecordBatchEncoder attributes(int bits) {
        this.attributes = bits;
        return this;
    }

    /** The idempotent producer in the header; none unless set. */
    public RecordBatchEncoder producer(long id, int epoch, int firstSequence) {
        this.producerId = id;
        this.producerEpoch = (short) epoch;
        this.baseSequence = firstSequence;
        return this;
    }

    /** Adds a record at the next offset. */
    public RecordBatchEncoder add(long timestampMs, byte @Nullable [] key, byte @Nullable [] value) {
        entries.add(new Entry(timestampMs, wrap(key), wrap(value)));
        return this;
    }

    /** A new heap buffer that holds the batch, from position 0 to its limit. Needs at least one record. */
    public ByteBuffer encode() {
        if (entries.isEmpty()) {
            throw new IllegalStateException("a record batch needs at least one record");
        }
        byte[] records = records();
        long maxTimestamp = entries.stream().mapToLong(Entry::timestampMs).max().orElseThrow();
        var batch = ByteBuffer.allocate(RecordBatchView.HEADER_BYTES + records.length)
                .putLong(baseOffset)
                .putInt(RecordBatchView.HEADER_BYTES - RecordBatchView.LENGTH_OVERHEAD + records.length)
                .putInt(leaderEpoch)
                .put(MAGIC)
                .putInt(0)
                .putShort((short) attributes)
                .putInt(entries.size() - 1)
                .putLong(entries.getFirst().timestampMs())
                .putLong(maxTimestamp)
                .putLong(producerId)
                .putShort(producerEpoch)
                .putInt(baseSequence)
                .putInt(entries.size())
                .put(records)
                .flip();
        return batch.putInt(
                RecordBatchView.CRC,
                Crc32c.of(batch, RecordBatchView.ATTRIBUTES, batch.limit() - RecordBatchView.ATTRIBUTES));
    }

    private byte[] records() {
        var out = new ByteArrayOutputStream();
        for (int i = 0; i < entries.size(); i++) {
            byte[] body = body(entries.get(i), i);
            writeVarlong(out, body.length);
            out.writeBytes(body);
        }
        return out.toByteArray();
    }

    private byte[] body(Entry entry, int offsetDelta) {
        var out = new ByteArrayOutputStream();
        out.write(0);
        writeVarlong(out, entry.timestampMs() - entries.getFirst().timestampMs());
        writeVarlong(out, offsetDelta);
        writeBytes(out, entry.key());
        writeBytes(out, entry.value());
        writeVarlong(out, 0);
        return out.toByteArray();
    }

    private static @Nullable ByteBuffer wrap(byte @Nullable [] bytes) {
        return bytes == null ? null : ByteBuffer.wrap(bytes);
    }

    private static void writeBytes(ByteArrayOutputStream out, @Nullable ByteBuffer bytes) {
        writeVarlong(out, bytes == null ? -1 : bytes.remaining());
        if (bytes != null) {
            var copy = new byte[bytes.remaining()];
            bytes.duplicate().get(copy);
            out.writeBytes(copy);
        }
    }

    private static void writeVarlong(ByteArrayOutputStream out, long value) {
        long rest = (value << 1) ^ (value >> 63);
        while ((rest & ~0x7fL) != 0) {
            out.write((int) (rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        out.write((int) rest);
    }
}
