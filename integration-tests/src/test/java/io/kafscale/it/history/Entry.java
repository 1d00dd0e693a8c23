package io.kafscale.it.history;

import java.util.Locale;

/**
 * An event at its place in the history.
 *
 * @param nanos when it was noted, since the history began
 */
public record Entry(long nanos, Event event) {
    private static final double NANOS_PER_SECOND = 1e9;

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%10.4f %s", nanos / NANOS_PER_SECOND, event);
    }
}
