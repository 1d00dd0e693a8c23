package io.kafscale.simulation.invariant;

import io.kafscale.log.LogException.Kind;
import io.kafscale.runtime.TimeSource;
import io.kafscale.simulation.invariant.Observation.Acknowledged;
import io.kafscale.simulation.invariant.Observation.Failed;
import io.kafscale.simulation.invariant.Observation.Fetched;
import io.kafscale.simulation.invariant.Observation.OffsetsTold;
import io.kafscale.simulation.invariant.Observation.ReadAll;

/**
 * Records that could be read can be read, until retention or somebody's request moves the log start past them: the log start moves
 * for no other reason, no offset above it is out of range, and a fetch below the high watermark brings records. No stored record is
 * ever found damaged, since nothing in a history damages records.
 */
public final class NothingReadableVanishes implements Invariant {
    private final LogStartRule rule;

    /** The rule by this clock. */
    public NothingReadableVanishes(TimeSource time) {
        this.rule = new LogStartRule(time);
    }

    @Override
    public void see(Observation observation) {
        switch (observation) {
            case Fetched fetched -> {
                checkLogStart(fetched.known().partition(), fetched.logStart());
                if (fetched.alone() && fetched.batches().isEmpty() && fetched.offset() < fetched.highWatermark()) {
                    throw violation("a fetch of " + fetched.known().partition().id() + " at " + fetched.offset()
                            + " brings nothing, and the high watermark is " + fetched.highWatermark());
                }
            }
            case Acknowledged done ->
                checkLogStart(done.known().partition(), done.result().logStartOffset());
            case OffsetsTold told -> checkLogStart(told.known().partition(), told.logStart());
            case ReadAll all -> checkLogStart(all.partition(), all.logStart());
            case Failed failed -> checkFailure(failed);
            default -> {}
        }
    }

    private void checkFailure(Failed failed) {
        PartitionFacts partition = failed.known().partition();
        if (failed.cause().kind() == Kind.CORRUPT) {
            throw violation("a " + failed.what() + " of " + partition.id() + " at " + failed.offset()
                    + " finds damage: " + failed.cause().getMessage());
        }
        if (failed.cause().kind() == Kind.OFFSET_OUT_OF_RANGE
                && failed.offset() <= failed.known().highWatermark()
                && !mayStartBehind(partition, failed.offset())) {
            throw violation("offset " + failed.offset() + " of " + partition.id()
                    + " could be read and is out of range: " + failed.cause().getMessage());
        }
    }

    private boolean mayStartBehind(PartitionFacts partition, long offset) {
        return partition.logStartRequested() > offset
                || partition
                        .at(offset)
                        .map(batch -> rule.mayHaveDeleted(partition, batch))
                        .orElse(true);
    }

    private void checkLogStart(PartitionFacts partition, long logStart) {
        if (!rule.mayBeAt(partition, logStart)) {
            throw violation(
                    partition.id() + " starts at " + logStart + "; the last time it was at " + partition.logStart()
                            + ", nobody asked for more than " + partition.logStartRequested() + ", and retention is "
                            + partition.topic().shortestRetention() + " and "
                            + partition.topic().smallestRetentionBytes());
        }
    }
}
