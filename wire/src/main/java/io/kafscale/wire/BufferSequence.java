package io.kafscale.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.network.TransferableChannel;

/**
 * Buffers that are written to a non-blocking channel one after the other, in gathering writes of a bounded size. Owned
 * by one thread at a time.
 *
 * <p>Two bounds. A single write offers at most {@link #WRITE_BYTES}: the JDK copies what it is offered of heap buffers
 * into direct memory before each write, so offering 50 MB to a slow reader would copy them again and again and keep as
 * much direct memory. And one turn writes at most {@link #TURN_BYTES}, so that a fast reader of a large response does
 * not hold up the other connections of its thread.
 */
final class BufferSequence {
    static final int WRITE_BYTES = 256 * 1024;
    static final int TURN_BYTES = 1024 * 1024;

    /** What one gathering write takes on Linux (IOV_MAX). */
    private static final int WRITE_BUFFERS = 1024;

    private final ByteBuffer[] buffers;
    private int first;
    private long remaining;

    BufferSequence(List<ByteBuffer> buffers) {
        this.buffers = buffers.toArray(ByteBuffer[]::new);
        for (ByteBuffer buffer : this.buffers) {
            remaining += buffer.remaining();
        }
    }

    /** Bytes the channel has not taken yet. */
    long remaining() {
        return remaining;
    }

    /**
     * Writes until the channel takes no more, the turn is over or nothing is left.
     *
     * @return the bytes the channel took
     */
    long writeTo(TransferableChannel channel) throws IOException {
        long turn = 0;
        boolean tookAll = true;
        while (remaining > 0 && tookAll && turn < TURN_BYTES) {
            int end = first;
            long offered = 0;
            while (end < buffers.length && end - first < WRITE_BUFFERS && offered < WRITE_BYTES) {
                offered += buffers[end++].remaining();
            }
            long excess = Math.max(0, offered - WRITE_BYTES);
            long written = write(channel, end, (int) excess);
            skipWritten();
            remaining -= written;
            turn += written;
            tookAll = written == offered - excess;
        }
        return turn;
    }

    /** One gathering write of the buffers up to {@code end}, without the last {@code excess} bytes of the last one. */
    private long write(TransferableChannel channel, int end, int excess) throws IOException {
        ByteBuffer last = buffers[end - 1];
        int limit = last.limit();
        last.limit(limit - excess);
        try {
            return channel.write(buffers, first, end - first);
        } finally {
            last.limit(limit);
        }
    }

    private void skipWritten() {
        while (first < buffers.length && !buffers[first].hasRemaining()) {
            first++;
        }
    }
}
