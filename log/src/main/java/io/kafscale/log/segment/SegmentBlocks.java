package io.kafscale.log.segment;

import io.kafscale.format.segment.IndexEntry;
import io.kafscale.format.segment.SegmentFooter;
import io.kafscale.format.segment.SegmentIndex;
import java.util.Arrays;
import java.util.List;

/**
 * How a segment is cut into blocks for reading: at index entries, so that every block holds whole batches, and about so large that
 * one is worth a request. Immutable; any thread.
 */
public final class SegmentBlocks {
    private final int[] starts;
    private final long[] offsets;
    private final int end;

    private SegmentBlocks(int[] starts, long[] offsets, int end) {
        this.starts = starts;
        this.offsets = offsets;
        this.end = end;
    }

    /**
     * The blocks of a segment: all entries that lie in the same stretch of {@code blockBytes} make one.
     *
     * @param fileLength bytes of the whole {@code .kfs} file
     */
    static SegmentBlocks of(SegmentIndex index, long fileLength, int blockBytes) {
        List<IndexEntry> entries = index.entries();
        int[] starts = new int[entries.size()];
        long[] offsets = new long[entries.size()];
        int count = 0;
        for (IndexEntry entry : entries) {
            if (count == 0 || entry.position() / blockBytes != starts[count - 1] / blockBytes) {
                starts[count] = entry.position();
                offsets[count] = entry.offset();
                count++;
            }
        }
        int end = Math.toIntExact(fileLength - SegmentFooter.BYTES);
        return new SegmentBlocks(Arrays.copyOf(starts, count), Arrays.copyOf(offsets, count), end);
    }

    /** How many blocks there are. */
    public int count() {
        return starts.length;
    }

    /** The block in which to look for {@code offset}: the last one that starts at or below it, or the first. */
    public int holding(long offset) {
        int found = Arrays.binarySearch(offsets, offset);
        return Math.max(0, found >= 0 ? found : -found - 2);
    }

    /** Where a block starts in the file. */
    public int position(int block) {
        return starts[block];
    }

    /** Offset of the first record in a block. */
    public long baseOffset(int block) {
        return offsets[block];
    }

    /** Bytes of a block. */
    public int length(int block) {
        return (isLast(block) ? end : starts[block + 1]) - starts[block];
    }

    /** Whether it is the last block, behind which the footer follows. */
    public boolean isLast(int block) {
        return block == starts.length - 1;
    }

    /** Estimate of the heap it takes, in bytes. */
    long heapBytes() {
        return 64 + 12L * starts.length;
    }
}
