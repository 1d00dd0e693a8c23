package io.kafscale.metastore;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * A lease that is being kept alive until it is revoked or left to run out. Thread-safe.
 *
 * <p>The store renews it every {@link #renewal} by itself. Who holds a lease relies on that: one that has not been confirmed for two
 * seconds says that the store cannot be reached, and not that nobody has tried.
 */
public interface Lease {
    /** How long a store waits between two renewals: a third of the time to live, and never longer than a second. */
    static Duration renewal(Duration timeToLive) {
        Duration third = timeToLive.dividedBy(3);
        Duration longest = Duration.ofSeconds(1);
        return third.compareTo(longest) < 0 ? third : longest;
    }

    /** The store's id of it; never 0. */
    long id();

    /** When the store last confirmed it, in nanoseconds of the monotonic clock, measured at the sending of the request. */
    long confirmedAtNanos();

    /** Completes once the store has said that the lease no longer exists; never fails. */
    CompletableFuture<Void> lost();

    /** Renews it no more: it ends when its time to live is over, whatever becomes of its holder, and its keys go with it. */
    void letRunOut();

    /** Ends it now and deletes the keys attached to it. One that has ended already is no failure. */
    CompletableFuture<Void> revoke();
}
