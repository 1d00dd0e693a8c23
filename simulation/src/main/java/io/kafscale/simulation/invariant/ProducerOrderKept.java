package io.kafscale.simulation.invariant;

import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.simulation.invariant.Observation.Acknowledged;
import io.kafscale.simulation.invariant.Observation.Fetched;
import io.kafscale.simulation.invariant.Observation.ReadAll;
import io.kafscale.simulation.invariant.Observation.Sent;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** Records of one producer come in the order it sent them, where it asked for that: a repeated record counts where it came first. */
public final class ProducerOrderKept implements Invariant {
    private record Producer(PartitionId partition, int number) {}

    private final Map<Producer, TreeMap<Long, Long>> firstPlaces = new HashMap<>();

    @Override
    public void see(Observation observation) {
        switch (observation) {
            case Sent sent -> {
                if (sent.batch().ordered()) {
                    firstPlaces.computeIfAbsent(
                            new Producer(sent.partition().id(), sent.batch().producer()), producer -> new TreeMap<>());
                }
            }
            case Acknowledged done ->
                place(
                        done.known().partition().id(),
                        done.batch().producer(),
                        done.batch().firstNumber(),
                        done.result().baseOffset());
            case Fetched fetched -> fetched.batches().forEach(this::place);
            case ReadAll all -> all.batches().forEach(this::place);
            default -> {}
        }
    }

    private void place(ReadBatch batch) {
        place(batch.partition(), batch.producer(), batch.firstNumber(), batch.baseOffset());
    }

    private void place(PartitionId partition, int producer, long number, long offset) {
        var places = firstPlaces.get(new Producer(partition, producer));
        if (places == null) {
            return;
        }
        Long first = places.merge(number, offset, Math::min);
        var before = places.lowerEntry(number);
        var after = places.higherEntry(number);
        if ((before != null && before.getValue() > first) || (after != null && after.getValue() < first)) {
            throw violation("records of producer " + producer + " in " + partition + ": number " + number + " is at "
                    + first + ", before it " + before + ", after it " + after);
        }
    }
}
