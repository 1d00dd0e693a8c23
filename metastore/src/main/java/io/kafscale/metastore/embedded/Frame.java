package io.kafscale.metastore.embedded;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The envelope of everything in journals and snapshots, big-endian: magic {@code KMJ1}, u32 length of the body, u32 CRC-32C of
 * length and body, body. The first byte of a body is its type.
 */
final class Frame {
    /** Bytes before the body. */
    static final int HEADER = 12;

    /** The largest body: far above any transaction, and a bound on what is allocated for a length that was read. */
    static final int MAX_BODY = 64 << 20;

    static final int MAGIC = 0x4B4D4A31;

    private Frame() {}

    /** {@code body} in its envelope. */
    static ByteBuffer wrap(ByteBuffer body) {
        int length = body.remaining();
        if (length == 0 || length > MAX_BODY) {
            throw new IllegalArgumentException("a frame holds 1 to " + MAX_BODY + " bytes, not " + length);
        }
        ByteBuffer frame = ByteBuffer.allocate(HEADER + length);
        frame.putInt(MAGIC).putInt(length).putInt(crc(length, body.duplicate())).put(body);
        return frame.flip();
    }

    /** CRC-32C of a length and what remains in {@code body}, which it consumes. */
    static int crc(int length, ByteBuffer body) {
        var crc = new CRC32C();
        crc.update(ByteBuffer.allocate(4).putInt(length).flip());
        crc.update(body);
        return (int) crc.getValue();
    }
}
