package io.kafscale.log.wal;

/**
 * Tokens that refill at a rate up to a burst; it starts full. Pure arithmetic on a clock reading the caller brings. An infinite
 * rate never runs out. Not thread-safe.
 */
final class TokenBucket {
    private static final double NANOS_PER_SECOND = 1e9;

    private final double ratePerNano;
    private final double burst;
    private double tokens;
    private long refilledAtNanos;

    TokenBucket(double ratePerSecond, int burst, long nowNanos) {
        this.ratePerNano = ratePerSecond / NANOS_PER_SECOND;
        this.burst = burst;
        this.tokens = burst;
        this.refilledAtNanos = nowNanos;
    }

    /** Takes a token if there is one. */
    boolean tryTake(long nowNanos) {
        if (isUnlimited()) {
            return true;
        }
        refill(nowNanos);
        if (tokens < 1) {
            return false;
        }
        tokens -= 1;
        return true;
    }

    /** How long until there is a token; 0 if there is one. Waiting that long is enough: the answer is rounded up. */
    long nanosUntilToken(long nowNanos) {
        if (isUnlimited()) {
            return 0;
        }
        refill(nowNanos);
        return tokens >= 1 ? 0 : (long) Math.ceil((1 - tokens) / ratePerNano) + 1;
    }

    private boolean isUnlimited() {
        return Double.isInfinite(ratePerNano);
    }

    private void refill(long nowNanos) {
        tokens = Math.min(burst, tokens + (nowNanos - refilledAtNanos) * ratePerNano);
        refilledAtNanos = nowNanos;
    }
}
