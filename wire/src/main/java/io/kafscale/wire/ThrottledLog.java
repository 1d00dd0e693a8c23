package io.kafscale.wire;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.event.Level;

/**
 * A log for what clients can cause at will: ten lines at once, then one a second; the next line that is printed says how
 * many were not. Each level counts for itself, so that a flood of complaints about clients hides no failure of ours.
 * Thread-safe.
 */
final class ThrottledLog {
    private static final int BURST = 10;
    private static final long REFILL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Logger log;
    private final LongSupplier ticker;
    private final Map<Level, Bucket> buckets = new EnumMap<>(Level.class);

    ThrottledLog(Logger log, LongSupplier ticker) {
        this.log = log;
        this.ticker = ticker;
        for (Level level : Level.values()) {
            buckets.put(level, new Bucket(ticker.getAsLong()));
        }
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
        long hidden = Objects.requireNonNull(buckets.get(level)).take(ticker.getAsLong());
        if (hidden >= 0) {
            String line = hidden == 0 ? message : message + " (" + hidden + " similar lines not printed)";
            log.atLevel(level).setCause(cause).log(line);
        }
    }

    private static final class Bucket {
        private int tokens = BURST;
        private long refilledNanos;
        private long hidden;

        Bucket(long nowNanos) {
            this.refilledNanos = nowNanos;
        }

        /** Takes a token; returns how many lines were left out since the last one, or -1 to leave out this one. */
        synchronized long take(long nowNanos) {
            long refills = (nowNanos - refilledNanos) / REFILL_NANOS;
            tokens = (int) Math.min(BURST, tokens + refills);
            refilledNanos += refills * REFILL_NANOS;
            if (tokens == 0) {
                hidden++;
                return -1;
            }
            tokens--;
            long leftOut = hidden;
            hidden = 0;
            return leftOut;
        }
    }
}
