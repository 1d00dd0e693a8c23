package io.kafscale.metastore.cluster;

import io.kafscale.metastore.Lease;
import io.kafscale.runtime.Backoff;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether this broker has been in touch with the metadata store without a break, told by a lease of its own: a lease that is not
 * confirmed in time or is lost, a call that failed, or a loop that stood still is a break, and only when the lease has been confirmed
 * for one whole time to live after it, the contact is steady again. On the loop of the access.
 */
final class StoreContact {
    private static final Logger LOG = LoggerFactory.getLogger(StoreContact.class);
    private static final Backoff GRANT = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(5));
    private static final Duration NEXT_LOOK = Duration.ofSeconds(1);

    private final MetadataAccess access;
    private final OnLoop onLoop;
    private final Duration timeToLive;
    private final Runnable steadyAgain;
    private @Nullable Lease lease;
    private boolean broken;
    private long brokenAtNanos;
    private long steadyFromNanos;
    private boolean closed;

    /**
     * A contact that {@link #open} begins.
     *
     * @param timeToLive of the lease
     * @param steadyAgain told, on the loop, when the contact has become steady
     */
    StoreContact(MetadataAccess access, Duration timeToLive, Runnable steadyAgain) {
        this.access = access;
        this.onLoop = new OnLoop(access.loop());
        this.timeToLive = timeToLive;
        this.steadyAgain = steadyAgain;
        this.steadyFromNanos = now();
    }

    void open() {
        grant(0);
    }

    /** Whether there was no break for one time to live. */
    boolean isSteady() {
        Lease held = lease;
        if (held != null && !broken && now() - held.confirmedAtNanos() > longestSilence()) {
            interrupted("its lease was not confirmed in time");
        }
        return held != null && !broken && !held.lost().isDone() && now() - steadyFromNanos >= 0;
    }

    /** What keys of this broker are attached to; only while {@link #isSteady()}. */
    long leaseId() {
        if (lease == null) {
            throw new IllegalStateException("there is no lease");
        }
        return lease.id();
    }

    /** Something showed that the store cannot be relied on, or that time passed unnoticed. */
    void interrupted(String why) {
        if (!broken) {
            LOG.info("Judges no broker for a while, contact with the metadata store was interrupted: {}", why);
        }
        broken = true;
        brokenAtNanos = now();
    }

    private void grant(int attempt) {
        if (closed) {
            return;
        }
        onLoop.hop(access.store().grantLease(timeToLive)).whenComplete((granted, failure) -> {
            if (failure != null) {
                if (!closed) {
                    interrupted("no lease was granted");
                    access.loop().schedule(GRANT.delay(attempt, access.random()), () -> grant(attempt + 1));
                }
            } else if (closed) {
                Registrations.endUnused(granted);
            } else {
                hold(granted);
            }
        });
    }

    private void hold(Lease granted) {
        lease = granted;
        onLoop.hop(granted.lost()).thenRun(() -> {
            if (!closed) {
                interrupted("its lease was lost");
                grant(0);
            }
        });
        look(granted);
        if (isSteady()) {
            steadyAgain.run();
        }
    }

    /** Looks as often as the lease is renewed, and more often while the contact is broken. */
    private void look(Lease held) {
        if (closed || held != lease || held.lost().isDone()) {
            return;
        }
        long confirmed = held.confirmedAtNanos();
        if (broken && confirmed - brokenAtNanos > 0) {
            broken = false;
            steadyFromNanos = confirmed + timeToLive.toNanos();
            access.loop().schedule(Duration.ofNanos(Math.max(0, steadyFromNanos - now())), this::tellIfSteady);
        } else if (!broken && now() - confirmed > longestSilence()) {
            interrupted("its lease was not confirmed in time");
        }
        Duration interval = broken ? NEXT_LOOK : timeToLive.dividedBy(3);
        long due = now() + interval.toNanos();
        access.loop().schedule(interval, () -> {
            if (now() - due > timeToLive.toNanos() / 3) {
                interrupted("this process stood still");
            }
            look(held);
        });
    }

    private void tellIfSteady() {
        if (!closed && isSteady()) {
            steadyAgain.run();
        }
    }

    /** Renewed three times within its time to live, so two are missing then. */
    private long longestSilence() {
        return timeToLive.toNanos() * 2 / 3;
    }

    private long now() {
        return access.loop().time().nanoTime();
    }

    /** Ends the lease and what is attached to it. Completes when that is done, or cannot be. */
    CompletableFuture<Void> close() {
        closed = true;
        Lease held = lease;
        if (held == null || held.lost().isDone()) {
            return CompletableFuture.completedFuture(null);
        }
        return onLoop.hop(held.revoke()).handle((_, failure) -> {
            if (failure != null) {
                LOG.warn("Could not end the failure detector's lease, it runs out by itself", failure);
            }
            return null;
        });
    }
}
