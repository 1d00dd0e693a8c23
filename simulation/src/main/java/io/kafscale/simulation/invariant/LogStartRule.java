package io.kafscale.simulation.invariant;

import io.kafscale.runtime.TimeSource;

/** How far a log start may have moved by now, for the reasons that are allowed. Immutable. */
record LogStartRule(TimeSource time) {
    /** Sizes are those of segments, with what they have around their records, and smallest segments are small here. */
    private static final double FRAMES = 1.2;

    /** Whether it may be at {@code offset}: by request, or because all below is old enough, or enough is left above. */
    boolean mayBeAt(PartitionFacts partition, long offset) {
        if (offset <= Math.max(partition.logStartRequested(), partition.logStart())) {
            return true;
        }
        long newest = time.wallClockMs() - partition.topic().shortestRetention().toMillis();
        long known = Math.max(partition.logStartRequested(), partition.logStart());
        boolean allOld = partition.placed().headMap(offset, false).tailMap(known, true).values().stream()
                .allMatch(batch -> batch.maxTimestampMs < newest);
        return allOld || enoughIsLeft(partition, offset);
    }

    private static boolean enoughIsLeft(PartitionFacts partition, long offset) {
        var limit = partition.topic().smallestRetentionBytes();
        if (limit.isEmpty()) {
            return false;
        }
        long kept = partition.unplacedBytes();
        for (PartitionFacts.Placed batch :
                partition.placed().tailMap(offset, true).values()) {
            kept += batch.sizeInBytes;
        }
        return kept * FRAMES >= limit.getAsLong();
    }

    /** Whether a record of a known batch may be gone, and with it the one that decides. */
    boolean mayHaveDeletedSome(PartitionFacts partition, PartitionFacts.Placed batch) {
        return mayBeAt(partition, batch.baseOffset + 1);
    }

    /** Whether a known batch may be gone. */
    boolean mayHaveDeleted(PartitionFacts partition, PartitionFacts.Placed batch) {
        return mayBeAt(partition, batch.lastOffset + 1);
    }
}
