package io.kafscale.format;

import java.util.List;

/**
 * What a partition remembers of one idempotent producer. Immutable; any thread.
 *
 * @param producerId id of the producer
 * @param producerEpoch newest epoch that the producer wrote under
 * @param batches its newest batches under that epoch, oldest first, at most {@link #MAX_BATCHES}, which is how many
 *     requests an idempotent producer may have in flight
 * @param lastTimestampMs greatest timestamp of its newest batch, in milliseconds, for expiry
 */
public record ProducerEntry(long producerId, short producerEpoch, List<BatchEntry> batches, long lastTimestampMs) {
    /** How many batches are remembered for each producer, as in Kafka. */
    public static final int MAX_BATCHES = 5;

    /**
     * One batch of the producer.
     *
     * @param baseSequence sequence of the first record
     * @param lastSequence sequence of the last record; less than the first where sequences started again at 0
     * @param baseOffset offset of the first record
     * @param maxTimestampMs greatest timestamp of a record, in milliseconds
     */
    public record BatchEntry(int baseSequence, int lastSequence, long baseOffset, long maxTimestampMs) {
        public BatchEntry {
            if (baseSequence < 0 || lastSequence < 0 || baseOffset < 0) {
                throw new IllegalArgumentException(
                        "negative sequence or offset: " + baseSequence + ".." + lastSequence + " at " + baseOffset);
            }
        }

        /** Offset of the last record. */
        public long lastOffset() {
            return baseOffset + Sequences.distance(baseSequence, lastSequence);
        }
    }

    public ProducerEntry {
        if (producerId < 0 || batches.size() > MAX_BATCHES) {
            throw new IllegalArgumentException("producer " + producerId + " with " + batches.size() + " batches");
        }
        batches = List.copyOf(batches);
    }
}
