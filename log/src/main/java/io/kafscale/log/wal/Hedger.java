package io.kafscale.log.wal;

import io.kafscale.runtime.EventLoop;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Doubles a slow attempt of the oldest object, the one that everybody waits for: same key, same bytes, once per object. Slow is
 * longer than a fixed time and than four times the median of the latest PUTs, whichever is more. Log loop only.
 */
final class Hedger {
    private static final int SAMPLES = 31;
    private static final int MEDIANS = 4;

    private final WalStore store;
    private final Duration floor;
    private final Supplier<@Nullable WalUpload> oldest;
    private final long[] latencies = new long[SAMPLES];
    private int measured;
    private EventLoop.@Nullable Timer timer;

    Hedger(WalStore store, Duration floor, Supplier<@Nullable WalUpload> oldest) {
        this.store = store;
        this.floor = floor;
        this.oldest = oldest;
    }

    /** A PUT succeeded at its first attempt. */
    void measured(long latencyNanos) {
        latencies[measured++ % SAMPLES] = latencyNanos;
    }

    /** Watches the oldest object from now on, if it is being sent. */
    void watch() {
        var upload = oldest.get();
        if (timer == null && upload != null && upload.isSending() && !upload.isHedged()) {
            long dueNanos = upload.lastSentNanos() + thresholdNanos() - store.nowNanos();
            timer = store.loop().schedule(Duration.ofNanos(Math.max(0, dueNanos)), this::due);
        }
    }

    private void due() {
        timer = null;
        var upload = oldest.get();
        if (upload != null && store.nowNanos() - upload.lastSentNanos() >= thresholdNanos()) {
            upload.hedge();
        }
        watch();
    }

    private long thresholdNanos() {
        int count = Math.min(measured, SAMPLES);
        if (count == 0) {
            return floor.toNanos();
        }
        long[] sorted = Arrays.copyOf(latencies, count);
        Arrays.sort(sorted);
        return Math.max(floor.toNanos(), MEDIANS * sorted[count / 2]);
    }

    void stop() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
