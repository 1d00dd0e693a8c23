package io.kafscale.log.wal;

import io.kafscale.runtime.EventLoop;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides when the open object is closed. Not a delay but a token bucket, where a token is one PUT that has been paid for: with a
 * token the object is closed behind the work already queued on the loop, so that it takes along what that work appends; without
 * one, when the next token is there. An object that is full, or that somebody waits for, is closed without asking; it uses up a
 * token if there is one, and owes none later. Idle, there is no timer. Log loop only.
 */
final class FlushPacer {
    private final EventLoop loop;
    private final TokenBucket bucket;
    private final BooleanSupplier flushable;
    private final Runnable flush;
    private EventLoop.@Nullable Timer timer;
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
        this.flushable = flushable;
        this.flush = flush;
    }

    /** There may be something to flush now: data came, or room did. */
    void wake() {
        if (stopped || queued || timer != null || !flushable.getAsBoolean()) {
            return;
        }
        long waitNanos = bucket.nanosUntilToken(loop.time().nanoTime());
        if (waitNanos == 0) {
            queued = true;
            loop.execute(this::turn);
        } else {
            timer = loop.schedule(Duration.ofNanos(waitNanos), this::turn);
        }
    }

    private void turn() {
        queued = false;
        timer = null;
        if (stopped || !flushable.getAsBoolean()) {
            return;
        }
        if (bucket.tryTake(loop.time().nanoTime())) {
            flush.run();
        } else {
            wake();
        }
    }

    /** An object was closed without asking. */
    void closedUnasked() {
        bucket.tryTake(loop.time().nanoTime());
    }

    /** No further flushes. */
    void stop() {
        stopped = true;
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
