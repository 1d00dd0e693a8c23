package io.kafscale.format.segment;

import io.kafscale.format.internal.FieldReader;
import java.nio.ByteBuffer;

/**
 * The first 32 bytes of a {@code .kfs} file. Immutable; any thread.
 *
 * @param baseOffset offset of the first record
 * @param recordCount number of records in all batches
 * @param createdMs when the file was written, in milliseconds since the epoch; informative, no checksum covers it
 */
public record SegmentHeader(long baseOffset, int recordCount, long createdMs) {
    /** Bytes of the header. */
    public static final int BYTES = 32;
    /** The four characters {@code KAFS}. */
    public static final int MAGIC = 0x4b414653;
    /** The version that is written and read. */
    public static final int VERSION = 1;

    /** Reads the header at the start of a file; more bytes than the header's may be there. */
    public static SegmentHeader parse(ByteBuffer start, String object) {
        var fields = new FieldReader(start, object, 0);
        fields.expectI32(MAGIC, "not a segment: wrong magic");
        fields.expectU16(VERSION, "segment has an unknown version");
        fields.expectU16(0, "segment has unknown flags");
        long baseOffset = fields.nonNegativeI64("segment has a negative base offset");
        int recordCount = fields.nonNegativeI32("segment has a negative record count");
        long createdMs = fields.i64();
        fields.expectI32(0, "segment has reserved bits set");
        return new SegmentHeader(baseOffset, recordCount, createdMs);
    }

    /** The header's bytes in a new buffer. */
    public ByteBuffer encode() {
        return ByteBuffer.allocate(BYTES)
                .putInt(MAGIC)
                .putShort((short) VERSION)
                .putShort((short) 0)
                .putLong(baseOffset)
                .putInt(recordCount)
                .putLong(createdMs)
                .putInt(0)
                .flip();
    }
}
