package io.kafscale.simulation.invariant;

import io.kafscale.simulation.invariant.Observation.Fetched;
import io.kafscale.simulation.invariant.Observation.ReadAll;
import java.util.List;

/** A fetch starts with the batch that holds its offset; each batch follows the one before it; all together reach the end. */
public final class OffsetsAreDense implements Invariant {
    @Override
    public void see(Observation observation) {
        switch (observation) {
            case Fetched fetched -> {
                if (!fetched.batches().isEmpty()) {
                    long end = follow(fetched.known().partition(), fetched.offset(), fetched.batches());
                    if (end > fetched.highWatermark()) {
                        throw violation(
                                "a fetch of " + fetched.known().partition().id() + " shows offsets up to " + end
                                        + ", beyond its high watermark " + fetched.highWatermark());
                    }
                }
            }
            case ReadAll all -> {
                long end = all.batches().isEmpty()
                        ? all.logStart()
                        : follow(all.partition(), all.logStart(), all.batches());
                if (end != all.highWatermark()) {
                    throw violation(all.partition().id() + " can be read from " + all.logStart() + " to " + end
                            + ", and its high watermark is " + all.highWatermark());
                }
            }
            default -> {}
        }
    }

    private long follow(PartitionFacts partition, long offset, List<ReadBatch> batches) {
        ReadBatch first = batches.getFirst();
        if (first.baseOffset() > offset || first.lastOffset() < offset) {
            throw violation("offset " + offset + " of " + partition.id() + " was asked for and " + first + " came");
        }
        long next = first.baseOffset();
        for (ReadBatch batch : batches) {
            if (batch.baseOffset() != next) {
                throw violation("in " + partition.id() + " offset " + next + " is followed by " + batch);
            }
            next = batch.lastOffset() + 1;
        }
        return next;
    }
}
