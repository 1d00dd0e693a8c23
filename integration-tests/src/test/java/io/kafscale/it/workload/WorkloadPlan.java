package io.kafscale.it.workload;

/**
 * Who works on the topic.
 *
 * @param partitions of the topic
 * @param producers of Kafka's Java client, each of another compression
 * @param load of each of them
 * @param readers that read everything concurrently
 * @param members of each group, one group of each protocol
 * @param kcat whether librdkafka sends, too
 */
public record WorkloadPlan(int partitions, int producers, Load load, int readers, int members, boolean kcat) {
    /** A bit of everything. */
    public static WorkloadPlan everything(long seed) {
        return new WorkloadPlan(8, 3, new Load(100, 500, seed), 2, 2, true);
    }

    /** Producers and readers only. */
    public static WorkloadPlan records(int partitions, int recordsPerSecond, long seed) {
        return new WorkloadPlan(partitions, 1, new Load(recordsPerSecond, 100, seed), 1, 0, false);
    }
}
