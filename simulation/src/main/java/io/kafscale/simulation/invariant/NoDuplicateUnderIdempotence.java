package io.kafscale.simulation.invariant;

import io.kafscale.log.LogException;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.runtime.TimeSource;
import io.kafscale.simulation.invariant.Observation.Acknowledged;
import io.kafscale.simulation.invariant.Observation.Fetched;
import io.kafscale.simulation.invariant.Observation.ReadAll;
import io.kafscale.simulation.invariant.Observation.Refused;
import io.kafscale.simulation.invariant.Observation.Sent;
import io.kafscale.simulation.invariant.Observation.SentAgain;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * A batch of an idempotent producer has one place however often it is sent, and the producer's next batch is never refused. A batch
 * that was deleted on request, before its producer heard that it had been there, may have been forgotten, and comes again, or is
 * refused where one that followed it is still known. Kafka does the same: it takes no deleted records into account when it reads
 * what it knows of producers from the log.
 */
public final class NoDuplicateUnderIdempotence implements Invariant {
    private record Producer(PartitionId partition, int number) {}

    private record Batch(Producer producer, long firstNumber) {}

    private final LogStartRule rule;
    private final Set<Batch> idempotent = new HashSet<>();
    private final Set<Batch> sentAgain = new HashSet<>();
    private final Map<Producer, NavigableMap<Long, Long>> places = new HashMap<>();

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
            case SentAgain again -> sentAgain.add(key(again.batch()));
            case Acknowledged done ->
                place(done.known().partition(), key(done.batch()), done.result().baseOffset());
            case Fetched fetched ->
                fetched.batches().forEach(batch -> place(fetched.known().partition(), key(batch), batch.baseOffset()));
            case ReadAll all -> all.batches().forEach(batch -> place(all.partition(), key(batch), batch.baseOffset()));
            case Refused refused -> {
                if (refused.cause().kind() != LogException.Kind.TOO_LARGE && !mayBeForgotten(refused)) {
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
        Long before = placesOf(batch.producer()).putIfAbsent(batch.firstNumber(), offset);
        if (before != null && before != offset && !rule.mayBeAt(partition, Math.min(before, offset) + 1)) {
            throw violation("records " + batch.firstNumber() + ".. of producer "
                    + batch.producer().number() + " are at " + before + " and at " + offset + " of "
                    + batch.producer().partition());
        }
    }

    /** Whether a batch may have been in the log and been deleted: where nobody saw it, it was behind the one before it. */
    private boolean mayBeForgotten(Refused refused) {
        Batch batch = key(refused.batch());
        if (refused.cause().kind() != LogException.Kind.OUT_OF_ORDER_SEQUENCE || !sentAgain.contains(batch)) {
            return false;
        }
        PartitionFacts partition = refused.partition();
        var known = placesOf(batch.producer());
        Long place = known.get(batch.firstNumber());
        if (place != null) {
            return rule.mayBeAt(partition, place + 1);
        }
        var before = known.lowerEntry(batch.firstNumber());
        long first = before == null ? 0 : before.getValue() + 1;
        return first < Math.max(partition.logStartRequested(), partition.logStart());
    }

    private NavigableMap<Long, Long> placesOf(Producer producer) {
        return places.computeIfAbsent(producer, _ -> new TreeMap<>());
    }

    private static Batch key(SentBatch batch) {
        return new Batch(new Producer(batch.partition(), batch.producer()), batch.firstNumber());
    }

    private static Batch key(ReadBatch batch) {
        return new Batch(new Producer(batch.partition(), batch.producer()), batch.firstNumber());
    }
}
