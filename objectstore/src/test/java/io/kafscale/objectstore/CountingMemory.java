package io.kafscale.objectstore;

import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/** Native memory that knows what of it is taken. */
public final class CountingMemory implements ReadMemory {
    private final Set<ByteBuffer> taken = Collections.newSetFromMap(new IdentityHashMap<>());
    private int ever;

    @Override
    public synchronized ByteBuffer take(int bytes) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(bytes);
        for (int i = 0; i < bytes; i++) {
            buffer.put(i, (byte) '#');
        }
        taken.add(buffer);
        ever++;
        return buffer;
    }

    @Override
    public synchronized void giveBack(ByteBuffer buffer) {
        if (!taken.remove(buffer)) {
            throw new IllegalArgumentException("not taken");
        }
    }

    /** How many buffers are taken now. */
    public synchronized int taken() {
        return taken.size();
    }

    /** How many were taken so far. */
    public synchronized int ever() {
        return ever;
    }
}
