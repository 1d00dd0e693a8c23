package io.kafscale.runtime;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Exponential backoff with full jitter: attempt {@code n} waits between half of and the whole of {@code first * 2^n}, at most
 * {@code max}. Immutable; as thread-safe as the generator it is handed.
 *
 * @param first the longest wait before the first retry
 * @param max the longest wait of all
 */
public record Backoff(Duration first, Duration max) {
    /** Checks that the waits are positive and in order. */
    public Backoff {
        if (first.isNegative() || first.isZero() || max.compareTo(first) < 0) {
            throw new IllegalArgumentException("backoff needs 0 < first <= max, not " + first + " and " + max);
        }
    }

    /** The wait before retry number {@code attempt}, counted from 0. */
    public Duration delay(int attempt, RandomGenerator random) {
        long ceiling = Math.min(max.toNanos(), first.toNanos() << Math.min(attempt, 20));
        if (ceiling <= 0) {
            ceiling = max.toNanos();
        }
        return Duration.ofNanos(ceiling / 2 + random.nextLong(ceiling / 2 + 1));
    }
}
