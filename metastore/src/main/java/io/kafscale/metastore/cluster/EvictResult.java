package io.kafscale.metastore.cluster;

import java.time.Duration;

/** What became of an attempt to remove a registration before its lease has ended. */
public sealed interface EvictResult {
    /**
     * For how long after an eviction nobody can evict the same broker id again. It is the least life of a lease, so the metadata
     * store measures it, or the evictor's own monotonic clock; no two clocks are compared.
     */
    Duration PAUSE = Duration.ofSeconds(10);

    /**
     * The registration is gone.
     *
     * @param revision which removed it
     */
    record Evicted(long revision) implements EvictResult {}

    /** This broker id was evicted a moment ago: nothing was changed. */
    record TooSoon() implements EvictResult {}

    /** The registration or the evidence is no longer what it was: nothing was changed. */
    record Outdated() implements EvictResult {}
}
