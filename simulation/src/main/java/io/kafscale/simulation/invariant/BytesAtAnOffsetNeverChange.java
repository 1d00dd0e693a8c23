package io.kafscale.simulation.invariant;

import io.kafscale.simulation.invariant.Observation.Acknowledged;
import io.kafscale.simulation.invariant.Observation.Fetched;
import io.kafscale.simulation.invariant.Observation.ReadAll;
import java.util.List;

/** Whoever reads an offset, whenever, gets the same bytes; and they were sent to this partition of this very topic. */
public final class BytesAtAnOffsetNeverChange implements Invariant {
    @Override
    public void see(Observation observation) {
        switch (observation) {
            case Fetched fetched -> check(fetched.known().partition(), fetched.batches());
            case ReadAll all -> check(all.partition(), all.batches());
            case Acknowledged done -> {
                long base = done.result().baseOffset();
                var batch = done.batch();
                done.known()
                        .partition()
                        .overlapping(base, base + batch.count() - 1)
                        .filter(known -> known.baseOffset != base
                                || known.producer != batch.producer()
                                || known.firstNumber != batch.firstNumber())
                        .ifPresent(known -> {
                            throw violation(batch + " were acknowledged at " + base + " of "
                                    + done.known().partition().id() + ", where " + known + " were before");
                        });
            }
            default -> {}
        }
    }

    private void check(PartitionFacts partition, List<ReadBatch> batches) {
        for (ReadBatch batch : batches) {
            if (!batch.partition().equals(partition.id())) {
                throw violation(batch + ", sent to " + batch.partition() + ", is in " + partition.id());
            }
            partition
                    .overlapping(batch.baseOffset(), batch.lastOffset())
                    .filter(known -> !known.isSameAs(batch))
                    .ifPresent(known -> {
                        throw violation(partition.id() + " now holds " + batch + " " + batch.fingerprint() + ", before "
                                + known + " " + known.read);
                    });
        }
    }
}
