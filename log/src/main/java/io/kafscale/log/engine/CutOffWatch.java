package io.kafscale.log.engine;

import io.kafscale.runtime.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Bounds how long a broker goes on that the metadata store may have given up: while its registration has not been confirmed lately, it
 * looks every second whether somebody has sealed its stream. While it is confirmed that costs no request. Log loop
 * only.
 */
final class CutOffWatch {
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private final EventLoop loop;
    private final long believedNanos;
    private final LongSupplier confirmedAtNanos;
    private final Supplier<CompletableFuture<Void>> probe;
    private EventLoop.@Nullable Timer timer;
    private boolean stopped;

    /**
     * Watches from now on.
     *
     * @param believed how long a confirmation is believed
     * @param confirmedAtNanos when the registration was last confirmed, on the loop's monotonic clock
     * @param probe looks at the stream; what it finds is dealt with elsewhere
     */
    CutOffWatch(
            EventLoop loop, Duration believed, LongSupplier confirmedAtNanos, Supplier<CompletableFuture<Void>> probe) {
        this.loop = loop;
        this.believedNanos = believed.toNanos();
        this.confirmedAtNanos = confirmedAtNanos;
        this.probe = probe;
        look();
    }

    private void look() {
        long left = confirmedAtNanos.getAsLong() + believedNanos - loop.time().nanoTime();
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
