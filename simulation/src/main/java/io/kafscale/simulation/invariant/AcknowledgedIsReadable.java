package io.kafscale.simulation.invariant;

import io.kafscale.simulation.invariant.Observation.ReadAll;
import java.util.HashMap;

/** What was acknowledged as durable is there in the end, unless it lies below the log start. */
public final class AcknowledgedIsReadable implements Invariant {
    @Override
    public void see(Observation observation) {
        if (!(observation instanceof ReadAll all)) {
            return;
        }
        var found = new HashMap<Long, ReadBatch>();
        all.batches().forEach(batch -> found.put(batch.baseOffset(), batch));
        for (PartitionFacts.Placed known : all.partition().placed().values()) {
            if (known.lastOffset < all.logStart()) {
                continue;
            }
            ReadBatch batch = found.get(known.baseOffset);
            if (batch == null || !known.isSameAs(batch)) {
                throw violation(known + " of " + all.partition().id()
                        + (batch == null ? " cannot be read" : " is now " + batch) + "; the log starts at "
                        + all.logStart() + " and the high watermark is " + all.highWatermark());
            }
        }
    }
}
