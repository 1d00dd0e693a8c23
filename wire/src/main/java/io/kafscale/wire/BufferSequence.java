package io.kafscale.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.network.TransferableChannel;

/**
 * Buffers that are written to a non-blocking channel one after the other, gathered in writes of a bounded size. Owned
 * by one thread at a time.
 *
 * <p>A socket takes native memory only, so what is written is copied into a buffer that the thread keeps; left to itself the JDK
 * would find, clear and free native memory for each buffer of each write.
 *
 * <p>Two bounds. A single write offers at most {@link #WRITE_BYTES}: what a slow reader does not take has been copied for
 * nothing. And one turn writes at most {@link #TURN_BYTES}, so that a fast reader of a large response does
 * not hold up the other connections of its thread.
 */
final class BufferSequence {
    static final int WRITE_BYTES = 256 * 1024;
    static final int TURN_BYTES = 1024 * 1024;

    /** Nothing is left in it between two calls. */
    private static final ThreadLocal<ByteBuffer> GATHERED =
            ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(WRITE_BYTES));

    private final ByteBuffer[] buffers;
    private int first;
    private long remaining;

    BufferSequence(List<ByteBuffer> buffers) {
        this.buffers = buffers.toArray(ByteBuffer[]::new);
        for (ByteBuffer buffer : this.buffers) {
            remaining += buffer.remaining();
        }
        skipWritten();
    }

    /** The buffers, each at what has not been taken of it. */
    List<ByteBuffer> buffers() {
        return List.of(buffers);
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
        ByteBuffer gathered = GATHERED.get();
        long turn = 0;
        boolean tookAll = true;
        while (remaining > 0 && tookAll && turn < TURN_BYTES) {
            gather(gathered.clear());
            int offered = gathered.flip().remaining();
            int written = channel.write(gathered);
            skip(written);
            remaining -= written;
            turn += written;
            tookAll = written == offered;
        }
        return turn;
    }

    /** Copies what comes next, as much as fits. */
    private void gather(ByteBuffer into) {
        for (int i = first; i < buffers.length && into.hasRemaining(); i++) {
            ByteBuffer from = buffers[i];
            int count = Math.min(from.remaining(), into.remaining());
            into.put(into.position(), from, from.position(), count);
            into.position(into.position() + count);
        }
    }

    private void skip(int written) {
        int left = written;
        while (left > 0) {
            ByteBuffer buffer = buffers[first];
            int count = Math.min(left, buffer.remaining());
            buffer.position(buffer.position() + count);
            left -= count;
            skipWritten();
        }
    }

    private void skipWritten() {
        while (first < buffers.length && !buffers[first].hasRemaining()) {
            first++;
        }
    }
}
