package io.kafscale.log.wal;

import io.kafscale.runtime.EventLoop;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides when the open object is closed. Not a delay but a token bucket, where a token is one PUT that has been paid for: with a
 * token the object is closed behind the work already queued on the loop, so that it takes along what that work appends, and behind
 * those who are likely to append in a moment ({@link Gathering}); without one, when the next token is there. An object that is
 * full, or that somebody waits for, is closed without asking; it uses up a token if there is one, and owes none later. Idle, there
 * is no timer. Log loop only.
 */
final class FlushPacer {
    private final EventLoop loop;
    private final TokenBucket bucket;
    private final BooleanSupplier flushable;
    private final Runnable flush;
    private final Gathering gathering;
    private EventLoop.@Nullable Timer timer;
    private long timerDueNanos;
    private boolean queued;
    private boolean stopped;

    /**
     * A pacer.
     *
     * @param flushable whether there is data and room to send it
     * @param flush closes the open object
     */
    FlushPacer(WalSettings settings, EventLoop loop, BooleanSupplier flushable, Runnable flush) {
        this.loop = loop;
        this.bucket = new TokenBucket(
                settings.flushRatePerSecond(),
                settings.flushBurst(),
                loop.time().nanoTime());
        this.gathering = new Gathering(Double.isInfinite(settings.flushRatePerSecond()));
        this.flushable = flushable;
        this.flush = flush;
    }

    /** An append is in the open object; a {@link #wake} or a {@link #closedUnasked} follows. */
    void appended() {
        gathering.appended();
        expectThoseAnswered(loop.time().nanoTime());
    }

    /**
     * An object has been acknowledged, with so many appends in it; a {@link #wake} follows.
     *
     * @param last whether no other object is under way
     */
    void acknowledged(int appends, boolean last) {
        long now = loop.time().nanoTime();
        gathering.answered(appends, now);
        expectThoseAnswered(now);
        if (last) {
            gathering.nothingUnderWay();
        }
    }

    /** Appends that the object waits for need not wake the loop one by one. */
    private void expectThoseAnswered(long now) {
        loop.expect(gathering.expected(), Duration.ofNanos(gathering.returnNanosLeft(now)));
    }

    /** There may be something to flush now: data came, or room did, or there is no more reason to wait. */
    void wake() {
        if (stopped || queued || !flushable.getAsBoolean()) {
            return;
        }
        long now = loop.time().nanoTime();
        long waitNanos = waitNanos(now);
        if (timer != null && timerDueNanos - now <= waitNanos) {
            return;
        }
        cancelTimer();
        if (waitNanos == 0) {
            queued = true;
            loop.execute(this::turn);
        } else {
            timerDueNanos = now + waitNanos;
            timer = loop.schedule(Duration.ofNanos(waitNanos), this::turn);
        }
    }

    private long waitNanos(long now) {
        return Math.max(bucket.nanosUntilToken(now), gathering.nanosLeft(now));
    }

    private void turn() {
        queued = false;
        timer = null;
        if (stopped || !flushable.getAsBoolean()) {
            return;
        }
        long now = loop.time().nanoTime();
        if (waitNanos(now) == 0 && bucket.tryTake(now)) {
            gathering.closed(now);
            flush.run();
        } else {
            wake();
        }
    }

    /** An object was closed without asking. */
    void closedUnasked() {
        long now = loop.time().nanoTime();
        bucket.tryTake(now);
        gathering.closed(now);
    }

    /** No further flushes. */
    void stop() {
        stopped = true;
        cancelTimer();
    }

    private void cancelTimer() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
