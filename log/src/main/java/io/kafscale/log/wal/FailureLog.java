package io.kafscale.log.wal;

import io.kafscale.objectstore.StorageException;
import io.kafscale.runtime.TimeSource;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says in the log why objects do not reach the store, without a line for every attempt of an outage. Log loop only. */
final class FailureLog {
    private static final Logger LOG = LoggerFactory.getLogger(FailureLog.class);
    private static final Duration QUIET = Duration.ofSeconds(10);

    private final TimeSource time;
    private boolean spoken;
    private long spokenAtNanos;
    private int unsaid;

    FailureLog(TimeSource time) {
        this.time = time;
    }

    void add(StorageException failure) {
        long now = time.nanoTime();
        if (spoken && now - spokenAtNanos < QUIET.toNanos()) {
            unsaid++;
            return;
        }
        String what = switch (failure.kind()) {
            case DENIED -> "The object store refuses to let us write the WAL (credentials, permissions, clock?)";
            case INVALID, TOO_LARGE -> "The object store cannot take a WAL object as it is";
            case OUTCOME_UNKNOWN, THROTTLED, CONFLICT, UNAVAILABLE, NOT_FOUND, CLOSED -> "A WAL write failed";
        };
        LOG.warn(
                "{}; it will be retried ({} more failures since the last message): {}",
                what,
                unsaid,
                failure.getMessage());
        spoken = true;
        spokenAtNanos = now;
        unsaid = 0;
    }
}
