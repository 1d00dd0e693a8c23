package io.kafscale.format;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** CRC-32C over buffers, as the 32 bits that the formats store. Stateless; any thread; no buffer's position moves. */
public final class Crc32c {
    private Crc32c() {}

    /** CRC-32C of the bytes between position and limit of each buffer, taken as one run of bytes. */
    public static int of(Iterable<ByteBuffer> buffers) {
        var crc = new CRC32C();
        for (ByteBuffer buffer : buffers) {
            crc.update(buffer.duplicate());
        }
        return (int) crc.getValue();
    }

    /** CRC-32C of the bytes between position and limit. */
    public static int of(ByteBuffer buffer) {
        var crc = new CRC32C();
        crc.update(buffer.duplicate());
        return (int) crc.getValue();
    }

    /** CRC-32C of {@code length} bytes from the absolute index {@code index} on. */
    public static int of(ByteBuffer buffer, int index, int length) {
        return of(buffer.slice(index, length));
    }

    /** The checksum as eight hexadecimal digits. */
    public static String toHex(int crc) {
        return String.format("%08x", crc);
    }
}
