package io.kafscale.log.segment;

import io.kafscale.format.segment.IndexExtension;
import io.kafscale.format.segment.SegmentIndex;
import java.util.Optional;

/**
 * An index that belongs to its segment, and how far that goes. Immutable; any thread.
 *
 * @param index as stored or rebuilt
 * @param lastOffset offset of the segment's last record, from the index's extension or from the segment itself
 * @param blocks how its segment is cut for reading
 * @param dense whether the segment is known to have a record at every offset, as all we write have
 */
public record LoadedIndex(SegmentIndex index, SegmentBlocks blocks, long lastOffset, boolean dense) {
    /** What our indexes carry; empty for one written by others, see {@link SegmentIndexes#extended}. */
    public Optional<IndexExtension> extension() {
        return index.extension();
    }

    /** What it says beyond a listing. */
    public Segment.Facts facts() {
        return new Segment.Facts(
                lastOffset,
                extension().map(known -> known.maxTimestamp().maxTimestampMs()).orElse(-1L));
    }

    /** Estimate of the heap it takes, in bytes. */
    public long heapBytes() {
        return index.heapBytes() + blocks.heapBytes();
    }
}
