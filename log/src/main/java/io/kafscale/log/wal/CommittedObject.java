package io.kafscale.log.wal;

import java.time.Duration;

/**
 * What metrics say of an acknowledged WAL object. Immutable; any thread.
 *
 * @param sequence its place in the stream
 * @param bytes size of the object
 * @param chunks partitions that had data in it
 * @param attempts PUTs it took, hedges included
 * @param latency from the first attempt until it was known to be durable
 * @param trimPosition everything before this sequence may be deleted
 */
public record CommittedObject(
        long sequence, int bytes, int chunks, int attempts, Duration latency, long trimPosition) {}
