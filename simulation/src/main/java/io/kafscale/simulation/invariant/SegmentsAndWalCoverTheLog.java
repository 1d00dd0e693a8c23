package io.kafscale.simulation.invariant;

import io.kafscale.simulation.invariant.Observation.Stored;

/** Whatever was acknowledged or read lies in the stores, at any moment, where a reader of the formats finds it. */
public final class SegmentsAndWalCoverTheLog implements Invariant {
    @Override
    public void see(Observation observation) {
        if (!(observation instanceof Stored(PartitionFacts partition, StoredRecords records))) {
            return;
        }
        for (PartitionFacts.Placed known : partition.placed().values()) {
            if (known.lastOffset < records.logStart()) {
                continue;
            }
            var stored = records.at(known.lastOffset);
            if (stored.isEmpty() || !known.isSameAs(stored.get())) {
                throw violation(known + " of " + partition.id() + " must be in the stores, where "
                        + stored.map(batch -> "there is " + batch).orElse("there is nothing") + "; segments end at "
                        + records.segmentEnd() + ", the log starts at " + records.logStart());
            }
        }
    }
}
