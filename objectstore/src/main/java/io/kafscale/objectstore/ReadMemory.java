package io.kafscale.objectstore;

import java.nio.ByteBuffer;

/** Where the bytes go that are read from a store. Thread-safe: stores use it on their own threads. */
public interface ReadMemory {
    /** Fresh memory on the heap for each read; the collector takes it back. */
    ReadMemory HEAP = new ReadMemory() {
        @Override
        public ByteBuffer take(int bytes) {
            return ByteBuffer.allocate(bytes);
        }

        @Override
        public void giveBack(ByteBuffer buffer) {}
    };

    /** A buffer of exactly so many bytes, from position 0 to its limit, with anything in it. Native or of the heap. */
    ByteBuffer take(int bytes);

    /** Takes back the very buffer that {@link #take} gave. Nobody reads it or writes to it any more, nor to a slice of it. */
    void giveBack(ByteBuffer buffer);
}
