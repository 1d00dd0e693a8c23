package io.kafscale.simulation.invariant;

import io.kafscale.log.EpochEnd;
import io.kafscale.log.OffsetAnswer;
import io.kafscale.log.OffsetQuery;
import io.kafscale.runtime.TimeSource;
import io.kafscale.simulation.invariant.Observation.EpochLookedUp;
import io.kafscale.simulation.invariant.Observation.LookedUp;
import java.util.Collection;

/** Offsets looked up by time and by leader epoch are those that the records known at the time of the question ask for. */
public final class LookupsAgreeWithTheLog implements Invariant {
    private final LogStartRule rule;

    /** The rule by this clock. */
    public LookupsAgreeWithTheLog(TimeSource time) {
        this.rule = new LogStartRule(time);
    }

    @Override
    public void see(Observation observation) {
        switch (observation) {
            case LookedUp found -> {
                if (found.query() instanceof OffsetQuery.AtTime at) {
                    atTime(found, at.timestampMs(), found.answer());
                } else {
                    maxTimestamp(found, found.answer());
                }
            }
            case EpochLookedUp found -> endOfEpoch(found, found.answer());
            default -> {}
        }
    }

    private void atTime(LookedUp found, long timestampMs, OffsetAnswer answer) {
        PartitionFacts partition = found.known().partition();
        if (answer.offset() >= 0) {
            partition
                    .at(answer.offset())
                    .filter(batch -> batch.maxTimestampMs < timestampMs)
                    .ifPresent(batch -> {
                        throw wrong(found, "that is in " + batch + ", which is older");
                    });
        }
        for (PartitionFacts.Placed batch : knownBelow(partition, found.known().highWatermark())) {
            boolean passedOver = answer.offset() < 0 || batch.lastOffset < answer.offset();
            if (passedOver && batch.maxTimestampMs >= timestampMs && !rule.mayHaveDeletedSome(partition, batch)) {
                throw wrong(found, "passing over " + batch + " of " + batch.maxTimestampMs);
            }
        }
    }

    private void maxTimestamp(LookedUp found, OffsetAnswer answer) {
        PartitionFacts partition = found.known().partition();
        for (PartitionFacts.Placed batch : knownBelow(partition, found.known().highWatermark())) {
            boolean passedOver = answer.offset() < 0 || batch.maxTimestampMs > answer.timestampMs();
            if (passedOver && !rule.mayHaveDeletedSome(partition, batch)) {
                throw wrong(found, "passing over " + batch + " of " + batch.maxTimestampMs);
            }
        }
        if (answer.offset() >= 0) {
            partition
                    .at(answer.offset())
                    .filter(batch -> batch.lastOffset < found.known().highWatermark())
                    .filter(batch -> batch.maxTimestampMs != answer.timestampMs())
                    .filter(batch -> !rule.mayHaveDeletedSome(partition, batch))
                    .ifPresent(batch -> {
                        throw wrong(found, "that is in " + batch + " of " + batch.maxTimestampMs);
                    });
        }
    }

    private void endOfEpoch(EpochLookedUp found, EpochEnd answer) {
        PartitionFacts partition = found.known().partition();
        for (PartitionFacts.Placed batch : knownBelow(partition, found.known().highWatermark())) {
            if (batch.read.isEmpty() || rule.mayHaveDeleted(partition, batch)) {
                continue;
            }
            int epoch = batch.read.get().leaderEpoch();
            // Of an epoch beyond the latest nothing is known (KIP-101).
            boolean wrong = answer.equals(EpochEnd.UNDEFINED)
                    ? epoch >= found.epoch()
                    : (batch.lastOffset < answer.endOffset()) != (epoch <= found.epoch());
            if (wrong) {
                throw violation("epoch " + found.epoch() + " of " + partition.id() + " is said to end with " + answer
                        + ", and there is " + batch.read.get());
            }
        }
    }

    private static Collection<PartitionFacts.Placed> knownBelow(PartitionFacts partition, long highWatermark) {
        return partition.placed().headMap(highWatermark, false).values();
    }

    private InvariantViolation wrong(LookedUp found, String why) {
        return violation(found.query() + " in " + found.known().partition().id() + " is answered " + found.answer()
                + ", " + why);
    }
}
