package io.kafscale.wire;

import io.kafscale.runtime.Ticker;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.event.Level;

/**
 * A log for what clients can cause at will: ten lines at once, then one a second; the next line that is printed says how
 * many were not. Thread-safe.
 */
final class ThrottledLog {
    private static final int BURST = 10;
    private static final long REFILL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Logger log;
    private final Ticker ticker;
    private int tokens = BURST;
    private long refilledNanos;
    private long suppressed;

    ThrottledLog(Logger log, Ticker ticker) {
        this.log = log;
        this.ticker = ticker;
        this.refilledNanos = ticker.nanos();
    }

    void info(String message) {
        print(Level.INFO, message, null);
    }

    void warn(String message) {
        print(Level.WARN, message, null);
    }

    void error(String message, Throwable cause) {
        print(Level.ERROR, message, cause);
    }

    void print(Level level, String message, @Nullable Throwable cause) {
        long hidden;
        synchronized (this) {
            long now = ticker.nanos();
            long refills = (now - refilledNanos) / REFILL_NANOS;
            tokens = (int) Math.min(BURST, tokens + refills);
            refilledNanos += refills * REFILL_NANOS;
            if (tokens == 0) {
                suppressed++;
                return;
            }
            tokens--;
            hidden = suppressed;
            suppressed = 0;
        }
        String line = hidden == 0 ? message : message + " (" + hidden + " similar lines not printed)";
        log.atLevel(level).setCause(cause).log(line);
    }
}
