package io.kafscale.log;

import java.time.Duration;

/**
 * What an operator tunes of the log. All sizes are bytes.
 *
 * @param flushRatePerSecond WAL PUTs paid for per second, the refill of the flush pacer's token bucket; infinity for unlimited
 * @param flushBytes an open WAL object of this size is flushed whatever the tokens say
 * @param walBufferBytes bound on bytes appended but not yet released by the transport
 * @param tailCacheBytes bound on durable records kept in memory for readers at the end of the log
 * @param blockCacheBytes bound on cached blocks of segments and WAL objects
 * @param segmentBytes default size at which waiting records become a segment
 * @param segmentAge default age at which waiting records become a segment
 * @param collectGrace how long after the fact that allows it an object is deleted
 * @param retentionCheckInterval how often retention looks at partitions with something to delete
 */
public record LogSettings(
        double flushRatePerSecond,
        int flushBytes,
        long walBufferBytes,
        long tailCacheBytes,
        long blockCacheBytes,
        int segmentBytes,
        Duration segmentAge,
        Duration collectGrace,
        Duration retentionCheckInterval) {

    /** The defaults on a local store: flushes cost nothing there. */
    public static LogSettings defaults() {
        return new LogSettings(
                Double.POSITIVE_INFINITY,
                8 << 20,
                128L << 20,
                64L << 20,
                64L << 20,
                64 << 20,
                Duration.ofHours(1),
                Duration.ofSeconds(60),
                Duration.ofMinutes(5));
    }

    /** Checks the bounds. */
    public LogSettings {
        if (!(flushRatePerSecond > 0)) {
            throw new IllegalArgumentException("wal.flush.rate must be positive, not " + flushRatePerSecond);
        }
        if (flushBytes < 1024 || walBufferBytes < flushBytes || segmentBytes < 1024) {
            throw new IllegalArgumentException(
                    "wal.flush.bytes and segment.bytes must be at least 1024, and the WAL buffer at least one"
                            + " WAL object: " + flushBytes + ", " + segmentBytes + ", " + walBufferBytes);
        }
    }
}
