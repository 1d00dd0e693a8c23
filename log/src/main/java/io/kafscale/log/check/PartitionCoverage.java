package io.kafscale.log.check;

import io.kafscale.log.check.Finding.Offsets;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.Tenure;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Which offsets of a partition are where: segments from the log start to the segment end, chunks of the tenures' streams from there
 * on. Pure.
 *
 * @param inSegments offsets below the segment end that no segment has
 * @param inWal offsets above it that neither a chunk nor a segment has
 * @param contradicting offsets that two chunks of one tenure claim
 * @param knownEnd the offset behind the last one that is known to be stored
 */
record PartitionCoverage(List<Offsets> inSegments, List<Offsets> inWal, List<Offsets> contradicting, long knownEnd) {
    /** The offsets of one segment, both inclusive. */
    record Extent(long first, long last) {}

    /**
     * Looks for what is missing.
     *
     * @param segments ascending by first offset
     * @param chunks what streams hold of the partition
     */
    static PartitionCoverage of(
            PartitionRecord record, Collection<Extent> segments, Map<Tenure, List<StreamContents.Chunk>> chunks) {
        var missing = new ArrayList<Offsets>();
        long next = record.logStartOffset();
        for (Extent segment : segments) {
            if (segment.last() < next) {
                continue;
            }
            if (segment.first() > next && next < record.segmentEndOffset()) {
                missing.add(new Offsets(next, Math.min(segment.first(), record.segmentEndOffset()) - 1));
            }
            next = Math.max(next, segment.last() + 1);
        }
        if (next < record.segmentEndOffset()) {
            missing.add(new Offsets(next, record.segmentEndOffset() - 1));
        }
        return new Wal(record, segments, missing).over(chunks);
    }

    /** The part above the segment end. */
    private static final class Wal {
        private final PartitionRecord record;
        private final Collection<Extent> segments;
        private final List<Offsets> inSegments;
        private final List<Offsets> missing = new ArrayList<>();
        private final List<Offsets> contradicting = new ArrayList<>();

        Wal(PartitionRecord record, Collection<Extent> segments, List<Offsets> inSegments) {
            this.record = record;
            this.segments = segments;
            this.inSegments = inSegments;
        }

        PartitionCoverage over(Map<Tenure, List<StreamContents.Chunk>> chunks) {
            var counted = new ArrayList<StreamContents.Chunk>();
            chunks.forEach((tenure, found) -> found.stream()
                    .filter(chunk -> chunk.leaderEpoch() == tenure.leaderEpoch()
                            && tenure.holds(chunk.baseOffset(), chunk.lastOffset())
                            && chunk.lastOffset() >= record.coveredOffset())
                    .forEach(counted::add));
            counted.sort(Comparator.comparingLong(StreamContents.Chunk::baseOffset));
            long next = record.coveredOffset();
            boolean first = true;
            for (StreamContents.Chunk chunk : counted) {
                if (chunk.baseOffset() > next) {
                    miss(next, chunk.baseOffset() - 1);
                } else if (chunk.baseOffset() < next && !first) {
                    contradicting.add(new Offsets(chunk.baseOffset(), Math.min(next - 1, chunk.lastOffset())));
                }
                next = Math.max(next, chunk.lastOffset() + 1);
                first = false;
            }
            for (Tenure tenure : record.tenures()) {
                long end = tenure.isOpen() ? tenure.startOffset() : tenure.endOffset();
                if (next < end) {
                    miss(next, end - 1);
                    next = end;
                }
            }
            return new PartitionCoverage(inSegments, missing, contradicting, next);
        }

        /** Segments that the record does not count yet hold records all the same. */
        private void miss(long first, long last) {
            long next = first;
            for (Extent segment : segments) {
                if (segment.last() < next || segment.first() > last) {
                    continue;
                }
                if (segment.first() > next) {
                    missing.add(new Offsets(next, segment.first() - 1));
                }
                next = segment.last() + 1;
            }
            if (next <= last) {
                missing.add(new Offsets(next, last));
            }
        }
    }
}
