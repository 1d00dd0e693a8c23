package io.kafscale.format.segment;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.internal.FieldReader;
import java.nio.ByteBuffer;

/**
 * The last 16 bytes of a {@code .kfs} file. Immutable; any thread.
 *
 * @param bodyCrc CRC-32C of all bytes between header and footer
 * @param lastOffset offset of the last record
 */
public record SegmentFooter(int bodyCrc, long lastOffset) {
    /** Bytes of the footer. */
    public static final int BYTES = 16;
    /** The four characters {@code END!}. */
    public static final int MAGIC = 0x454e4421;

    /**
     * Reads the footer at the end of a file.
     *
     * @param end the last bytes of the file, at least the footer's
     * @param fileLength bytes of the whole file, for errors
     */
    public static SegmentFooter parse(ByteBuffer end, long fileLength, String object) {
        long position = fileLength - BYTES;
        if (position < SegmentHeader.BYTES || end.remaining() < BYTES) {
            throw new CorruptObjectException("segment is too short for header and footer", object, fileLength);
        }
        var fields = new FieldReader(end.slice(end.limit() - BYTES, BYTES), object, position);
        int bodyCrc = fields.i32();
        long lastOffset = fields.nonNegativeI64("segment has a negative last offset");
        fields.expectI32(MAGIC, "segment does not end in its end mark");
        return new SegmentFooter(bodyCrc, lastOffset);
    }

    /** The footer's bytes in a new buffer. */
    public ByteBuffer encode() {
        return ByteBuffer.allocate(BYTES)
                .putInt(bodyCrc)
                .putLong(lastOffset)
                .putInt(MAGIC)
                .flip();
    }
}
