package io.kafscale.format;

/** Arithmetic on producer sequences, which go from 0 to {@link Integer#MAX_VALUE} and then start again at 0. */
public final class Sequences {
    private Sequences() {}

    /** The sequence that lies {@code increment} records behind {@code sequence}; both at least 0. */
    public static int add(int sequence, int increment) {
        return (sequence + increment) & Integer.MAX_VALUE;
    }

    /** How many records {@code later} lies behind {@code earlier}; both at least 0. */
    public static int distance(int earlier, int later) {
        return (later - earlier) & Integer.MAX_VALUE;
    }
}
