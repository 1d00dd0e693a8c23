package io.kafscale.log.read;

import io.kafscale.objectstore.ReadMemory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Native memory for what is read from the store, in runs of pages that are used over and over. What lies there goes to a socket
 * without another copy, and the collector neither clears nor moves nor looks for it, which it does with large arrays on the heap.
 * Bounded: where there is no run left, and for what is small, it is plain heap memory. Thread-safe.
 */
final class BlockMemory implements ReadMemory {
    static final int PAGE_BYTES = 4 << 10;

    /** Less than this is not worth a page. */
    private static final int LEAST_BYTES = 512;

    private static final int FIRST_REGION_BYTES = 256 << 10;
    private static final int LARGEST_REGION_BYTES = 32 << 20;
    private static final byte POISON = (byte) 0xDB;
    private static final Logger LOG = LoggerFactory.getLogger(BlockMemory.class);

    private record Region(ByteBuffer bytes, BitSet used) {
        int pages() {
            return bytes.capacity() / PAGE_BYTES;
        }
    }

    private record Run(Region region, int first, int end) {}

    private final List<Region> regions = new ArrayList<>();
    private final IdentityHashMap<ByteBuffer, Run> runs = new IdentityHashMap<>();
    private long capacityBytes;
    private long systemBytes;
    private int nextRegionBytes = FIRST_REGION_BYTES;

    /** Nothing is taken from the system before it is needed, and never more than so much. */
    BlockMemory(long capacityBytes) {
        this.capacityBytes = capacityBytes;
    }

    @Override
    public synchronized ByteBuffer take(int bytes) {
        Run run = bytes < LEAST_BYTES ? null : freeRun(Math.ceilDiv(bytes, PAGE_BYTES));
        if (run == null) {
            return ByteBuffer.allocate(bytes);
        }
        run.region.used.set(run.first, run.end);
        ByteBuffer buffer = run.region.bytes.slice(run.first * PAGE_BYTES, bytes);
        runs.put(buffer, run);
        return buffer;
    }

    private @Nullable Run freeRun(int pages) {
        for (Region region : regions) {
            Run run = freeRun(region, pages);
            if (run != null) {
                return run;
            }
        }
        return addRegion(pages) ? freeRun(regions.getLast(), pages) : null;
    }

    private static @Nullable Run freeRun(Region region, int pages) {
        int first = region.used.nextClearBit(0);
        while (first + pages <= region.pages()) {
            int taken = region.used.nextSetBit(first);
            if (taken < 0 || taken - first >= pages) {
                return new Run(region, first, first + pages);
            }
            first = region.used.nextClearBit(taken);
        }
        return null;
    }

    /** Each twice as large as the one before: who reads little takes little. */
    private boolean addRegion(int leastPages) {
        long bytes = Math.max(nextRegionBytes, (long) leastPages * PAGE_BYTES);
        if (bytes > LARGEST_REGION_BYTES || systemBytes + bytes > capacityBytes) {
            return false;
        }
        try {
            regions.add(new Region(ByteBuffer.allocateDirect((int) bytes), new BitSet()));
            systemBytes += bytes;
            nextRegionBytes = (int) Math.min(LARGEST_REGION_BYTES, 2 * bytes);
            return true;
        } catch (OutOfMemoryError noNativeMemory) {
            capacityBytes = systemBytes;
            LOG.warn(
                    "There is native memory for {} bytes of what is read from the store only, and the rest goes to the heap:"
                            + " give the JVM more with -XX:MaxDirectMemorySize, or set cache.bytes lower",
                    systemBytes,
                    noNativeMemory);
            return false;
        }
    }

    @Override
    public synchronized void giveBack(ByteBuffer buffer) {
        if (!buffer.isDirect()) {
            return;
        }
        Run run = runs.remove(buffer);
        if (run == null) {
            throw new IllegalArgumentException("given back twice, or not from here: " + buffer);
        }
        assert poison(run);
        run.region.used.clear(run.first, run.end);
    }

    /** Where assertions are enabled, whoever reads on finds nonsense and not what was there. */
    private static boolean poison(Run run) {
        for (int i = run.first * PAGE_BYTES; i < run.end * PAGE_BYTES; i++) {
            run.region.bytes.put(i, POISON);
        }
        return true;
    }

    /** Native memory that is taken now. */
    synchronized long takenBytes() {
        long pages = 0;
        for (Region region : regions) {
            pages += region.used.cardinality();
        }
        return pages * PAGE_BYTES;
    }
}
