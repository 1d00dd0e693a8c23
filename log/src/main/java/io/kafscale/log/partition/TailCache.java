package io.kafscale.log.partition;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The bound on durable records kept in memory for readers at the end of the log, over all partitions: the chunk that became
 * durable first goes first, whichever partition it is of. What is not durable is not charged here, but to the WAL's buffer.
 * Belongs to the log loop.
 */
public final class TailCache {
    private static final int PURGE_SIZE = 1024;

    private final long capacityBytes;
    private final Deque<Tail.Chunk> inOrder = new ArrayDeque<>();
    private long usedBytes;
    private int dropped;

    /** An empty cache of {@code capacityBytes}, counted by what the batches keep in memory. */
    public TailCache(long capacityBytes) {
        this.capacityBytes = capacityBytes;
    }

    void add(Tail.Chunk chunk) {
        inOrder.add(chunk);
        usedBytes += chunk.heldBytes;
        while (usedBytes > capacityBytes) {
            Tail.Chunk oldest = inOrder.remove();
            if (oldest.slices == null) {
                dropped--;
                continue;
            }
            oldest.owner.evicted(oldest);
            release(oldest);
        }
    }

    /** Called by a tail that no longer lists the chunk. */
    void drop(Tail.Chunk chunk) {
        release(chunk);
        dropped++;
        if (dropped > PURGE_SIZE && dropped > inOrder.size() / 2) {
            inOrder.removeIf(entry -> entry.slices == null);
            dropped = 0;
        }
    }

    private void release(Tail.Chunk chunk) {
        usedBytes -= chunk.heldBytes;
        chunk.slices = null;
    }

    /** Bytes kept now. */
    public long usedBytes() {
        return usedBytes;
    }

    /** The bound, in bytes. */
    public long capacityBytes() {
        return capacityBytes;
    }
}
