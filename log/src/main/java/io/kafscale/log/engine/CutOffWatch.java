package io.kafscale.log.engine;

import io.kafscale.runtime.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Bounds how long a broker goes on that the metadata store may have given up: while its lease is unconfirmed beyond its time to
 * live, it looks every second whether somebody has sealed its stream. While the lease is confirmed it costs no request. Log loop
 * only.
 */
final class CutOffWatch {
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private final EventLoop loop;
    private final long timeToLiveNanos;
    private final LongSupplier confirmedAtNanos;
    private final Supplier<CompletableFuture<Void>> probe;
    private EventLoop.@Nullable Timer timer;
    private boolean stopped;

    /**
     * Watches from now on.
     *
     * @param confirmedAtNanos when the lease was last confirmed, on the loop's monotonic clock
     * @param probe looks at the stream; what it finds is dealt with elsewhere
     */
    CutOffWatch(
            EventLoop loop,
            Duration timeToLive,
            LongSupplier confirmedAtNanos,
            Supplier<CompletableFuture<Void>> probe) {
        this.loop = loop;
        this.timeToLiveNanos = timeToLive.toNanos();
        this.confirmedAtNanos = confirmedAtNanos;
        this.probe = probe;
        look();
    }

    private void look() {
        long left = confirmedAtNanos.getAsLong() + timeToLiveNanos - loop.time().nanoTime();
        if (left > 0) {
            later(Duration.ofNanos(left));
        } else {
            // A store that does not answer says nothing about the stream: the next look may.
            probe.get().whenComplete((_, _) -> later(INTERVAL));
        }
    }

    private void later(Duration delay) {
        if (!stopped) {
            timer = loop.schedule(delay, this::look);
        }
    }

    /** Looks no more. */
    void stop() {
        stopped = true;
        if (timer != null) {
            timer.cancel();
        }
    }
}
