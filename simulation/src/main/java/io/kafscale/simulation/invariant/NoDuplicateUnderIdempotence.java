package io.kafscale.simulation.invariant;

import io.kafscale.log.LogException;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.runtime.TimeSource;
import io.kafscale.simulation.invariant.Observation.Acknowledged;
import io.kafscale.simulation.invariant.Observation.Fetched;
import io.kafscale.simulation.invariant.Observation.ReadAll;
import io.kafscale.simulation.invariant.Observation.Refused;
import io.kafscale.simulation.invariant.Observation.Sent;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * A batch of an idempotent producer has one place however often it is sent, and the producer's next batch is never refused. A batch
 * that was deleted on request, before its producer heard that it had been there, may have been forgotten, and comes again.
 */
public final class NoDuplicateUnderIdempotence implements Invariant {
    private record Batch(PartitionId partition, int producer, long firstNumber) {}

    private final LogStartRule rule;
    private final Set<Batch> idempotent = new HashSet<>();
    private final Map<Batch, Long> places = new HashMap<>();

    /** The rule by this clock. */
    public NoDuplicateUnderIdempotence(TimeSource time) {
        this.rule = new LogStartRule(time);
    }

    @Override
    public void see(Observation observation) {
        switch (observation) {
            case Sent sent -> {
                if (sent.batch().idempotent()) {
                    idempotent.add(key(sent.batch()));
                }
            }
            case Acknowledged done ->
                place(done.known().partition(), key(done.batch()), done.result().baseOffset());
            case Fetched fetched ->
                fetched.batches().forEach(batch -> place(fetched.known().partition(), key(batch), batch.baseOffset()));
            case ReadAll all -> all.batches().forEach(batch -> place(all.partition(), key(batch), batch.baseOffset()));
            case Refused refused -> {
                if (refused.cause().kind() != LogException.Kind.TOO_LARGE) {
                    throw violation(
                            refused.batch() + " in " + refused.partition().id() + " come next and are refused: "
                                    + refused.cause().getMessage());
                }
            }
            default -> {}
        }
    }

    private void place(PartitionFacts partition, Batch batch, long offset) {
        if (!idempotent.contains(batch)) {
            return;
        }
        Long before = places.putIfAbsent(batch, offset);
        if (before != null && before != offset && !rule.mayBeAt(partition, Math.min(before, offset) + 1)) {
            throw violation("records " + batch.firstNumber() + ".. of producer " + batch.producer() + " are at "
                    + before + " and at " + offset + " of " + batch.partition());
        }
    }

    private static Batch key(SentBatch batch) {
        return new Batch(batch.partition(), batch.producer(), batch.firstNumber());
    }

    private static Batch key(ReadBatch batch) {
        return new Batch(batch.partition(), batch.producer(), batch.firstNumber());
    }
}
