package io.kafscale.simulation.invariant;

import io.kafscale.metastore.cluster.PartitionId;

/**
 * A batch as a producer sent it. The records of one producer are numbered; a batch holds consecutive ones. Immutable.
 *
 * @param producer the producer's number in the history
 * @param firstNumber the number of its first record
 * @param count how many records it has
 * @param idempotent whether it may be in the log once only
 * @param ordered whether it may not overtake earlier records of its producer
 * @param maxTimestampMs the largest timestamp of its records
 */
public record SentBatch(
        PartitionId partition,
        int producer,
        long firstNumber,
        int count,
        boolean idempotent,
        boolean ordered,
        long maxTimestampMs,
        int sizeInBytes) {
    @Override
    public String toString() {
        return "records " + firstNumber + ".." + (firstNumber + count - 1) + " of producer " + producer;
    }
}
