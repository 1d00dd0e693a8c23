package io.kafscale.log.wal;

import io.kafscale.log.LogSettings;
import io.kafscale.runtime.Backoff;
import java.time.Duration;

/**
 * The numbers the WAL runs by. Immutable; any thread.
 *
 * @param flushRatePerSecond PUTs paid for per second: the refill of the pacer's token bucket; infinity for unlimited
 * @param flushBurst most tokens the bucket holds
 * @param flushBytes an open object of this size is closed whatever the tokens say
 * @param bufferBytes bound on bytes appended but not yet released by the transport
 * @param maxInFlight most objects sent and not yet acknowledged
 * @param retry waits between attempts to send, or to read back, one object
 * @param attemptTimeout how long the first attempt may stay without an answer before it is in doubt; each further attempt of the
 *     same object may take twice as long, up to eight times
 * @param hedgeAfter an attempt of the oldest object is doubled after this, or four times the median latency if that is longer
 * @param collectGrace how long after the fact that allows it an object is deleted
 * @param directoryBytes bound on directories kept in memory to be repeated in a later footer; the oldest are left out beyond it
 */
public record WalSettings(
        double flushRatePerSecond,
        int flushBurst,
        int flushBytes,
        long bufferBytes,
        int maxInFlight,
        Backoff retry,
        Duration attemptTimeout,
        Duration hedgeAfter,
        Duration collectGrace,
        long directoryBytes) {

    /** Checks the bounds. */
    public WalSettings {
        if (!(flushRatePerSecond > 0) || flushBurst < 1 || flushBytes < 1 || maxInFlight < 1) {
            throw new IllegalArgumentException("WAL settings must be positive: rate " + flushRatePerSecond + ", burst "
                    + flushBurst + ", flush bytes " + flushBytes + ", in flight " + maxInFlight);
        }
    }

    /** What the operator tunes, and our own choice of the rest. */
    public static WalSettings of(LogSettings log) {
        return new WalSettings(
                log.flushRatePerSecond(),
                2,
                log.flushBytes(),
                log.walBufferBytes(),
                8,
                new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5)),
                Duration.ofSeconds(15),
                Duration.ofSeconds(1),
                log.collectGrace(),
                16L << 20);
    }
}
