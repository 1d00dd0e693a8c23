package io.kafscale.log.check;

import java.time.Duration;

/**
 * How to check. Immutable.
 *
 * @param deep read and verify every byte, and compare what is stored twice, instead of headers, footers and indexes only
 * @param grace how long after the fact that allows it brokers delete; younger objects are never left over
 * @param parallelReads the most objects that are read at a time
 * @param groupShards into how many shards consumer groups are divided
 */
public record CheckSettings(boolean deep, Duration grace, int parallelReads, int groupShards) {
    /** A check of headers, footers and indexes. */
    public static CheckSettings defaults(Duration grace, int groupShards) {
        return new CheckSettings(false, grace, 16, groupShards);
    }

    /** The same check, down to every byte. */
    public CheckSettings toEveryByte() {
        return new CheckSettings(true, grace, parallelReads, groupShards);
    }
}
