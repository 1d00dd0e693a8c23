package io.kafscale.log.segment;

import io.kafscale.runtime.ByteBudget;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The durable chunks of one partition that are in no segment, in offset order and without gaps: the directory of its part of the
 * WAL, small and kept until a segment covers it. Charged to a budget shared by all partitions. Belongs to the log loop.
 */
public final class WaitingChunks {
    private static final int INITIAL_SLOTS = 8;

    private final ByteBudget directory;
    private @Nullable WaitingChunk[] ring = new WaitingChunk[INITIAL_SLOTS];
    private int head;
    private int size;
    private long bytes;

    WaitingChunks(ByteBudget directory) {
        this.directory = directory;
    }

    /** The next chunk. */
    void add(WaitingChunk chunk) {
        if (size > 0 && chunk.baseOffset() != last().lastOffset() + 1) {
            throw new IllegalStateException(
                    "a waiting chunk at " + chunk.baseOffset() + " does not follow " + last().lastOffset());
        }
        if (size == ring.length) {
            resize(2 * ring.length);
        }
        ring[(head + size) & (ring.length - 1)] = chunk;
        size++;
        bytes += chunk.length();
        directory.reserveForced(WaitingChunk.HEAP_BYTES);
    }

    /** To another power of two that holds what is there. */
    private void resize(int slots) {
        var moved = new @Nullable WaitingChunk[slots];
        for (int i = 0; i < size; i++) {
            moved[i] = get(i);
        }
        ring = moved;
        head = 0;
    }

    /** Removes the oldest chunks as long as they lie wholly below {@code offset}, and returns them. */
    List<WaitingChunk> removeBelow(long offset) {
        var removed = new ArrayList<WaitingChunk>();
        while (size > 0 && get(0).lastOffset() < offset) {
            WaitingChunk chunk = get(0);
            ring[head] = null;
            head = (head + 1) & (ring.length - 1);
            size--;
            bytes -= chunk.length();
            removed.add(chunk);
        }
        int slots = ring.length;
        while (slots > INITIAL_SLOTS && size < slots / 4) {
            slots /= 2;
        }
        if (slots < ring.length) {
            resize(slots);
        }
        directory.release((long) removed.size() * WaitingChunk.HEAP_BYTES);
        return removed;
    }

    /** Drops all, because nobody here needs the directory any more; the chunks themselves stay in the WAL. */
    void forget() {
        directory.release((long) size * WaitingChunk.HEAP_BYTES);
        ring = new WaitingChunk[INITIAL_SLOTS];
        head = 0;
        size = 0;
        bytes = 0;
    }

    /** How many there are. */
    public int size() {
        return size;
    }

    /** Whether there is none. */
    public boolean isEmpty() {
        return size == 0;
    }

    /** Bytes of their batches. */
    public long bytes() {
        return bytes;
    }

    /** The {@code i}-th oldest. */
    public WaitingChunk get(int i) {
        WaitingChunk chunk = i < 0 || i >= size ? null : ring[(head + i) & (ring.length - 1)];
        if (chunk == null) {
            throw new IndexOutOfBoundsException("waiting chunk " + i + " of " + size);
        }
        return chunk;
    }

    /** The oldest; there must be one. */
    public WaitingChunk first() {
        return get(0);
    }

    /** The newest; there must be one. */
    public WaitingChunk last() {
        return get(size - 1);
    }

    /** Which chunk holds {@code offset}, or -1. */
    public int indexOf(long offset) {
        int low = 0;
        int high = size - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            WaitingChunk chunk = get(middle);
            if (offset < chunk.baseOffset()) {
                high = middle - 1;
            } else if (offset > chunk.lastOffset()) {
                low = middle + 1;
            } else {
                return middle;
            }
        }
        return -1;
    }

    /**
     * Bytes of the chunks from the one that holds {@code offset} on, or from the first where it lies below; counting stops at
     * {@code enough}.
     */
    public long bytesFrom(long offset, long enough) {
        int from = indexOf(offset);
        if (from < 0) {
            return size > 0 && offset < first().baseOffset() ? bytes : 0;
        }
        long sum = 0;
        for (int i = from; i < size && sum < enough; i++) {
            sum += get(i).length();
        }
        return sum;
    }
}
