package io.kafscale.log.read;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Looks for a record by time inside one batch, which may have to be decompressed: the part of a lookup that needs Kafka's code and
 * time on a processor. Called on the log loop.
 */
@FunctionalInterface
public interface RecordTimestampFinder {
    /** A record's place and time. */
    record Found(long offset, long timestampMs) {}

    /**
     * The first record of {@code batch} whose timestamp is at least {@code timestampMs} and whose offset is at least {@code
     * minOffset}.
     *
     * @param batch one whole batch from position to limit; read-only and shared
     * @return completes on any thread
     */
    CompletableFuture<Optional<Found>> firstAtOrAfter(ByteBuffer batch, long timestampMs, long minOffset);
}
