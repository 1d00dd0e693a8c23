package io.kafscale.log.read;

import java.time.Duration;

/**
 * Bounds of the read path. Sizes are bytes.
 *
 * @param cacheBytes bound on cached blocks of segments and WAL objects
 * @param loadingBytes bound on what is being read from the store at one time
 * @param readAheadBlocks how many blocks are read ahead of a reader that goes on where it stopped
 * @param patience how long a fetch waits for the store beyond its own deadline before it answers without what is late; the read
 *     goes on, and the next fetch finds it done
 * @param mostParked how many fetches may be parked at one time; one more is answered at once with what there is
 */
public record ReadSettings(long cacheBytes, long loadingBytes, int readAheadBlocks, Duration patience, int mostParked) {
    /** What suits a cache of that size. */
    public static ReadSettings of(long cacheBytes) {
        return new ReadSettings(
                cacheBytes, Math.clamp(cacheBytes / 2, 8L << 20, 64L << 20), 2, Duration.ofSeconds(10), 100_000);
    }
}
