package io.kafscale.it.kill;

import io.kafscale.it.client.Observed;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What producers were promised: the offset of each record, by its producer, partition and number. Thread-safe. */
final class Acknowledgements {
    /** Who numbers records. */
    record Source(String producer, int partition) implements Comparable<Source> {
        @Override
        public int compareTo(Source other) {
            int byProducer = producer.compareTo(other.producer);
            return byProducer != 0 ? byProducer : Integer.compare(partition, other.partition);
        }
    }

    private final Observed observed;
    private final Map<Source, List<Long>> offsets = new TreeMap<>();
    private final List<String> failures = new ArrayList<>();
    private long count;

    Acknowledgements(Observed observed) {
        this.observed = observed;
    }

    /** The record with this number, the next of its source, is at {@code offset}. */
    void acknowledged(Source source, long number, long offset) {
        observed.change(() -> {
            List<Long> ofSource = offsets.computeIfAbsent(source, _ -> new ArrayList<>());
            if (ofSource.size() == number) {
                ofSource.add(offset);
                count++;
            } else {
                failures.add(source + " was acknowledged " + number + " after " + (ofSource.size() - 1));
            }
        });
    }

    /** A default producer must not see this: it outlives a broker that comes back. */
    void failed(Source source, long number, Exception failure) {
        observed.change(() -> failures.add(source + " could not send " + number + ": " + failure));
    }

    /** How many records are acknowledged. */
    long count() {
        return observed.read(() -> count);
    }

    /** What must not have happened. */
    List<String> failures() {
        return observed.read(() -> List.copyOf(failures));
    }

    /** The offsets of each source's records, in the order of their numbers. */
    Map<Source, List<Long>> offsets() {
        return observed.read(() -> {
            var copy = new TreeMap<Source, List<Long>>();
            offsets.forEach((source, ofSource) -> copy.put(source, List.copyOf(ofSource)));
            return copy;
        });
    }
}
