package io.kafscale.simulation.invariant;

import io.kafscale.log.LogException;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.simulation.invariant.Observation.Acknowledged;
import io.kafscale.simulation.invariant.Observation.Fetched;
import io.kafscale.simulation.invariant.Observation.ReadAll;
import io.kafscale.simulation.invariant.Observation.Refused;
import io.kafscale.simulation.invariant.Observation.Sent;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** A batch of an idempotent producer has one place however often it is sent, and the producer's next batch is never refused. */
public final class NoDuplicateUnderIdempotence implements Invariant {
    private record Batch(PartitionId partition, int producer, long firstNumber) {}

    private final Set<Batch> idempotent = new HashSet<>();
    private final Map<Batch, Long> places = new HashMap<>();

    @Override
    public void see(Observation observation) {
        switch (observation) {
            case Sent sent -> {
                if (sent.batch().idempotent()) {
                    idempotent.add(key(sent.batch()));
                }
            }
            case Acknowledged done -> place(key(done.batch()), done.result().baseOffset());
            case Fetched fetched -> fetched.batches().forEach(batch -> place(key(batch), batch.baseOffset()));
            case ReadAll all -> all.batches().forEach(batch -> place(key(batch), batch.baseOffset()));
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

    private void place(Batch batch, long offset) {
        if (!idempotent.contains(batch)) {
            return;
        }
        Long before = places.putIfAbsent(batch, offset);
        if (before != null && before != offset) {
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
