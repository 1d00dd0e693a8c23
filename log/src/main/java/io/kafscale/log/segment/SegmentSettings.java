package io.kafscale.log.segment;

import io.kafscale.runtime.Backoff;
import java.time.Duration;

/**
 * Bounds of the background work on segments. Sizes are bytes.
 *
 * @param groupBytes bound on records held for segments that are being put together, one segment excepted
 * @param bytesPerSecond bound on the rate at which segments are written, averaged over each group of them
 * @param mostTenures a partition with that many tenures writes segments however little waits
 * @param attempts how often a request is tried before the partition is put back and others come first
 * @param backoff between attempts, and between rounds of a partition that failed
 */
public record SegmentSettings(long groupBytes, long bytesPerSecond, int mostTenures, int attempts, Backoff backoff) {
    /** The defaults. */
    public static SegmentSettings defaults() {
        return new SegmentSettings(
                64L << 20, Long.MAX_VALUE, 4, 6, new Backoff(Duration.ofMillis(200), Duration.ofSeconds(30)));
    }

    /** Checks the bounds. */
    public SegmentSettings {
        if (groupBytes <= 0 || bytesPerSecond <= 0 || mostTenures <= 0 || attempts <= 0) {
            throw new IllegalArgumentException("segment settings must be positive: " + groupBytes + " bytes, "
                    + bytesPerSecond + " bytes/s, " + mostTenures + " tenures, " + attempts + " attempts");
        }
    }
}
