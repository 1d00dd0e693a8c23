package io.kafscale.log.wal;

/**
 * How long the open object is held open for those who are likely to be in it. An object costs the store the same work whatever is
 * in it, on a disk two fsyncs, so what comes in many small objects costs several times what it costs in few. Two things tell that
 * more is about to come:
 *
 * <ul>
 *   <li>Producers bound their requests in flight, so who has just been answered comes back at once. After an answer the object
 *       waits for as many appends as were answered, at most {@link #RETURN_NANOS}; whoever appends without having been answered a
 *       moment ago waits for nothing.
 *   <li>Where no token bounds the number of objects, the object waits for the one under way: what comes meanwhile goes together,
 *       at most {@link #UNDER_WAY_NANOS}, so that a slow store does not pass its latency on twice.
 * </ul>
 *
 * Pure counting on clock readings the caller brings. Log loop only.
 */
final class Gathering {
    /** Longest wait for those who were answered. */
    static final long RETURN_NANOS = 2_000_000;

    /** Longest wait for an object under way. */
    static final long UNDER_WAY_NANOS = 20_000_000;

    private final boolean waitsForUnderWay;
    private long expected;
    private long returnUntilNanos;
    private boolean underWay;
    private long underWayUntilNanos;

    /** Nothing is under way and nobody has been answered. */
    Gathering(boolean waitsForUnderWay) {
        this.waitsForUnderWay = waitsForUnderWay;
    }

    /** An object has been closed, to be sent now. */
    void closed(long nowNanos) {
        underWay = waitsForUnderWay;
        underWayUntilNanos = nowNanos + UNDER_WAY_NANOS;
    }

    /** All objects that were sent have been acknowledged. */
    void nothingUnderWay() {
        underWay = false;
    }

    /** Some appends have been answered. Adds to a wait under way without making it longer. */
    void answered(int appends, long nowNanos) {
        if (returnNanosLeft(nowNanos) > 0) {
            expected += appends;
        } else {
            expected = appends;
            returnUntilNanos = nowNanos + RETURN_NANOS;
        }
    }

    /** One append has come. */
    void appended() {
        if (expected > 0) {
            expected--;
        }
    }

    /** How much longer the open object should be held open; 0 for not at all. */
    long nanosLeft(long nowNanos) {
        return Math.max(returnNanosLeft(nowNanos), underWay ? Math.max(0, underWayUntilNanos - nowNanos) : 0);
    }

    /** How many appends the object waits for. */
    int expected() {
        return (int) Math.min(expected, Integer.MAX_VALUE);
    }

    /** How much longer at most the object waits for them. */
    long returnNanosLeft(long nowNanos) {
        return expected == 0 ? 0 : Math.max(0, returnUntilNanos - nowNanos);
    }
}
