package io.kafscale.benchmarks;

import java.util.List;
import java.util.stream.Stream;

/**
 * What is measured, and how often.
 *
 * @param rounds over the same brokers; the report has medians over them
 * @param warmUp run against each broker before anything is measured
 * @param workloads in the order of the table
 * @param readings how often what a workload has produced is consumed; reported is their mean
 * @param flushing whether Kafka is also measured with an fsync before each acknowledgement
 */
record Plan(int rounds, List<Workload> warmUp, List<Workload> workloads, int readings, boolean flushing) {
    private static final int PACE = 5_000;

    /** The whole suite. */
    static Plan full() {
        var workloads = workloads(1);
        var twice = Stream.of(workloads, workloads).flatMap(List::stream).toList();
        return new Plan(3, twice, workloads, 3, true);
    }

    /** Six minutes, to see where one stands. */
    static Plan quick() {
        return new Plan(1, workloads(6), workloads(3), 1, false);
    }

    private static List<Workload> workloads(int divisor) {
        return List.of(
                new Workload(100, 1, 1_800_000 / divisor, Workload.UNLIMITED),
                new Workload(100, 50, 1_800_000 / divisor, Workload.UNLIMITED),
                new Workload(1024, 1, 360_000 / divisor, Workload.UNLIMITED),
                new Workload(1024, 50, 360_000 / divisor, Workload.UNLIMITED),
                new Workload(10240, 1, 45_000 / divisor, Workload.UNLIMITED),
                new Workload(10240, 50, 45_000 / divisor, Workload.UNLIMITED),
                new Workload(1024, 1, 5L * PACE, PACE),
                new Workload(1024, 50, 5L * PACE, PACE));
    }

    /**
     * Whether {@code subject} runs {@code workload}: with an fsync per batch only the middle size, which tells enough and takes long
     * enough.
     */
    boolean includes(Subject subject, Workload workload) {
        return subject != Subject.KAFKA_FLUSHING || (flushing && workload.recordBytes() == 1024);
    }
}
