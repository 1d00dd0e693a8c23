package io.kafscale.benchmarks;

import org.jspecify.annotations.Nullable;

/**
 * What one subject did with one workload in one round.
 *
 * @param consumed null where only producing was measured
 */
record Measurement(
        Subject subject,
        Workload workload,
        Produced produced,
        @Nullable Consumed consumed) {
    /**
     * The producer's side.
     *
     * @param megabytesPerSecond in units of 10^6 bytes
     * @param p50Ms from send to acknowledgement, the wait in the producer included
     */
    record Produced(double megabytesPerSecond, double p50Ms, double p99Ms, Spent spent) {}

    /**
     * The consumer's side.
     *
     * @param megabytesPerSecond in units of 10^6 bytes, the time for joining the group left out
     */
    record Consumed(double megabytesPerSecond, Spent spent) {}

    /**
     * What the broker spent meanwhile and until it was quiet again.
     *
     * @param cpuSeconds user and system time
     * @param peakMebibytes most resident memory
     */
    record Spent(double cpuSeconds, double peakMebibytes) {}
}
