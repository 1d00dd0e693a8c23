package io.kafscale.format.wal;

import io.kafscale.format.Crc32c;
import java.nio.ByteBuffer;

/**
 * What tells a WAL object from any other at the same key, to find out whether a write in doubt has landed. Immutable; any
 * thread.
 *
 * @param nonce the header's nonce
 * @param length bytes of the whole object
 * @param crc CRC-32C of the whole object
 */
public record WalFingerprint(long nonce, int length, int crc) {
    private static final int NONCE_OFFSET = 28;

    /**
     * Whether these bytes, read back from the object's key, are the object. False for everything else, damaged objects
     * included; never throws.
     */
    public boolean matches(ByteBuffer wholeObject) {
        return wholeObject.remaining() == length
                && length >= WalHeader.BYTES
                && wholeObject.slice().getLong(NONCE_OFFSET) == nonce
                && Crc32c.of(wholeObject) == crc;
    }
}
