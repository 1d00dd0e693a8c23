package io.kafscale.objectstore.local;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * Native memory that bytes pass through between the heap and a file, used over and over: what the JDK does by itself for each slice of
 * each write is to allocate, clear and free as much. As many buffers as there are transfers at a time, the warmest first. Thread-safe.
 */
final class TransferBuffers {
    /** Large enough that the number of system calls does not matter, small enough for the processor's cache. */
    private static final int BYTES = 256 << 10;

    private final ConcurrentLinkedDeque<ByteBuffer> idle = new ConcurrentLinkedDeque<>();

    /** An empty buffer of the caller's own, until it gives it back. */
    ByteBuffer take() {
        ByteBuffer buffer = idle.pollFirst();
        return buffer == null ? ByteBuffer.allocateDirect(BYTES) : buffer.clear();
    }

    /** The caller and the operating system are done with it. */
    void giveBack(ByteBuffer buffer) {
        idle.addFirst(buffer);
    }
}
