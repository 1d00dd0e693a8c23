package io.kafscale.metastore;

import java.util.concurrent.CompletableFuture;

/** A lease that is being kept alive. Thread-safe. */
public interface Lease {
    /** The store's id of it; never 0. */
    long id();

    /** When the store last confirmed it, in nanoseconds of the monotonic clock, measured at the sending of the request. */
    long confirmedAtNanos();

    /** Completes once the store has said that the lease no longer exists; never fails. */
    CompletableFuture<Void> lost();

    /** Ends it now and deletes the keys attached to it. */
    CompletableFuture<Void> revoke();
}
