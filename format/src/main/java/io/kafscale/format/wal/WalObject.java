package io.kafscale.format.wal;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * A WAL object ready to be sent: the same bytes for every attempt, with a checksum that was computed once. The record data
 * is shared with those who appended it and must not change before the last attempt has ended. Immutable apart from that;
 * any thread.
 */
public final class WalObject {
    private final WalFooter footer;
    private final List<ByteBuffer> buffers;
    private final int length;
    private final int crc;

    WalObject(WalFooter footer, List<ByteBuffer> buffers, int length, int crc) {
        this.footer = footer;
        this.buffers = List.copyOf(buffers);
        this.length = length;
        this.crc = crc;
    }

    /** Stream, sequence and positions. */
    public WalHeader header() {
        return footer.header();
    }

    /** What a reader of the object's footer will see. */
    public WalFooter footer() {
        return footer;
    }

    /** The whole object in order; new buffers at each call, the bytes shared. */
    public List<ByteBuffer> buffers() {
        return buffers.stream().map(ByteBuffer::duplicate).toList();
    }

    /** Bytes of the whole object. */
    public int length() {
        return length;
    }

    /** CRC-32C of the whole object. */
    public int crc() {
        return crc;
    }

    /** What tells this object from any other that might be found at its key. */
    public WalFingerprint fingerprint() {
        return new WalFingerprint(header().nonce(), length, crc);
    }
}
