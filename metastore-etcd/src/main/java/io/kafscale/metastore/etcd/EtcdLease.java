package io.kafscale.metastore.etcd;

import io.kafscale.metastore.Lease;
import io.kafscale.runtime.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A lease that a {@link LeaseKeeper} renews. What {@link Lease} offers is thread-safe, the rest is on the store's loop. */
final class EtcdLease implements Lease {
    private final long id;
    private final Duration renewal;
    private final Duration patience;
    private final CompletableFuture<Void> lost = new CompletableFuture<>();
    private final Runnable release;
    private final Supplier<CompletableFuture<Void>> revocation;
    private volatile long confirmedAtNanos;

    /** When the renewal was sent that is not answered yet, and the timer that gives it up. */
    private long sentAtNanos;

    private EventLoop.@Nullable Timer unanswered;

    /**
     * A lease that was just granted.
     *
     * @param sentAtNanos when the grant was asked for
     * @param release has it renewed no more
     * @param revocation ends it
     */
    EtcdLease(
            long id,
            Duration timeToLive,
            long sentAtNanos,
            Runnable release,
            Supplier<CompletableFuture<Void>> revocation) {
        this.id = id;
        this.renewal = Lease.renewal(timeToLive);
        this.patience = min(renewal, Duration.ofSeconds(2));
        this.confirmedAtNanos = sentAtNanos;
        this.release = release;
        this.revocation = revocation;
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** How long after one renewal comes the next. */
    Duration renewal() {
        return renewal;
    }

    /** How long an answer may take. */
    Duration patience() {
        return patience;
    }

    boolean isWaiting() {
        return unanswered != null;
    }

    void sent(long nowNanos, EventLoop.Timer giveUp) {
        sentAtNanos = nowNanos;
        unanswered = giveUp;
    }

    /** No answer to what was sent will be heeded. */
    void forget() {
        if (unanswered != null) {
            unanswered.cancel();
            unanswered = null;
        }
    }

    void confirmed() {
        if (unanswered != null) {
            confirmedAtNanos = sentAtNanos;
            forget();
        }
    }

    void isGone() {
        forget();
        lost.complete(null);
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public long confirmedAtNanos() {
        return confirmedAtNanos;
    }

    @Override
    public CompletableFuture<Void> lost() {
        return lost;
    }

    @Override
    public void letRunOut() {
        release.run();
    }

    @Override
    public CompletableFuture<Void> revoke() {
        return revocation.get();
    }
}
