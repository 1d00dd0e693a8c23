package io.kafscale.format;

import io.kafscale.format.ProducerEntry.BatchEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Derives the producer state of a partition from the batches in its log, in offset order. It replays what a leader has
 * accepted and therefore checks nothing: a batch under another epoch than the last replaces what was known of the
 * producer, as in Kafka. Not thread-safe.
 */
public final class ProducerStateBuilder {
    private final boolean complete;
    private final TreeMap<Long, ProducerEntry> producers = new TreeMap<>();

    /** Starts from the state before the first batch. */
    public ProducerStateBuilder(ProducerStateSnapshot initial) {
        this.complete = initial.complete();
        initial.producers().forEach(entry -> producers.put(entry.producerId(), entry));
    }

    /** Takes the next batch into account; does nothing if no idempotent producer sent it. */
    public void append(RecordBatchView batch) {
        if (batch.hasProducerId() && batch.baseSequence() >= 0) {
            append(
                    batch.producerId(),
                    batch.producerEpoch(),
                    new BatchEntry(
                            batch.baseSequence(), batch.lastSequence(), batch.baseOffset(), batch.maxTimestamp()));
        }
    }

    /** Takes the next batch of a producer into account. */
    public void append(long producerId, short producerEpoch, BatchEntry batch) {
        var known = producers.get(producerId);
        var batches = new ArrayList<BatchEntry>(ProducerEntry.MAX_BATCHES);
        if (known != null && known.producerEpoch() == producerEpoch) {
            List<BatchEntry> before = known.batches();
            batches.addAll(before.subList(Math.max(0, before.size() + 1 - ProducerEntry.MAX_BATCHES), before.size()));
        }
        batches.add(batch);
        producers.put(producerId, new ProducerEntry(producerId, producerEpoch, batches, batch.maxTimestampMs()));
    }

    /** The state behind the batches so far. */
    public ProducerStateSnapshot snapshot() {
        return new ProducerStateSnapshot(complete, List.copyOf(producers.values()));
    }
}
