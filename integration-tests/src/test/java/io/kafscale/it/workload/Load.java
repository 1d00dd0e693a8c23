package io.kafscale.it.workload;

import java.time.Duration;

/**
 * How much a producer sends.
 *
 * @param recordsPerSecond of all partitions together
 * @param maxPaddingBytes values are up to so long
 * @param seed of the choice of partitions and sizes
 */
public record Load(int recordsPerSecond, int maxPaddingBytes, long seed) {
    private static final int TICKS_PER_SECOND = 50;

    /** How often some records are sent. */
    static final Duration TICK = Duration.ofMillis(1_000 / TICKS_PER_SECOND);

    /** How many records are sent at once. */
    int recordsPerTick() {
        return Math.max(1, recordsPerSecond / TICKS_PER_SECOND);
    }

    /** The same with other choices. */
    Load withSeed(long other) {
        return new Load(recordsPerSecond, maxPaddingBytes, other);
    }
}
