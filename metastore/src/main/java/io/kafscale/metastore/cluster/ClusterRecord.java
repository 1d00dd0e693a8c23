package io.kafscale.metastore.cluster;

/**
 * The identity of a cluster, the same in the metadata store and in the bucket. Immutable.
 *
 * @param clusterId the id Kafka clients see
 * @param restoreGeneration how often the metadata was rebuilt from the bucket, from 0 on; it forms the high bits of broker epochs
 *     and producer ids, so that none given out before a restore comes again
 * @param createdMs wall clock, milliseconds since the epoch
 */
public record ClusterRecord(String clusterId, int restoreGeneration, long createdMs) {
    /** The largest restore generation. */
    public static final int MAX_RESTORE_GENERATION = (1 << 15) - 1;

    private static final int COUNTER_BITS = 48;

    private static final int EPOCH_BITS = 16;
    private static final long TOPICS_OF_A_NAME = 1000;

    /** Checks the values. */
    public ClusterRecord {
        if (clusterId.isEmpty()) {
            throw new IllegalArgumentException("a cluster id is not empty");
        }
        if (restoreGeneration < 0 || restoreGeneration > MAX_RESTORE_GENERATION) {
            throw new IllegalArgumentException(
                    "a restore generation is within 0.." + MAX_RESTORE_GENERATION + ", not " + restoreGeneration);
        }
    }

    /** The number below every broker epoch and producer id of this restore generation. */
    public long numbersFrom() {
        return (long) restoreGeneration << COUNTER_BITS;
    }

    /**
     * The leader epoch that no partition had before this restore, unless the records of an earlier one show a higher one: clients
     * ignore leaders of earlier epochs than they have seen, and not every epoch has left a trace in the bucket.
     */
    public int leaderEpochsFrom() {
        return restoreGeneration << EPOCH_BITS;
    }

    /** How many topics of a name there may have been before this restore without a trace in the bucket. */
    public long topicGenerationsFrom() {
        return restoreGeneration * TOPICS_OF_A_NAME;
    }

    /** The number above every broker epoch and producer id of this restore generation. */
    public long numbersUntil() {
        return restoreGeneration == MAX_RESTORE_GENERATION ? Long.MAX_VALUE : (restoreGeneration + 1L) << COUNTER_BITS;
    }
}
