package io.kafscale.app.settings;

import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;

/** Durations as people write them: {@code 250ms}, {@code 5s}, {@code 1h}, {@code 7d}; a plain number counts milliseconds. */
public final class Durations {
    private static final Pattern SYNTAX = Pattern.compile("(\\d{1,18})\\s*(ms|s|m|h|d)?");
    private static final Map<String, Duration> UNITS = Map.of(
            "ms", Duration.ofMillis(1),
            "s", Duration.ofSeconds(1),
            "m", Duration.ofMinutes(1),
            "h", Duration.ofHours(1),
            "d", Duration.ofDays(1));
    private static final String[] LARGEST_FIRST = {"d", "h", "m", "s"};

    private Durations() {}

    /**
     * Reads a duration.
     *
     * @throws IllegalArgumentException if it is not one; the message says what to write instead
     */
    public static Duration parse(String text) {
        var matcher = SYNTAX.matcher(text.trim());
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "is not a duration; write a number of milliseconds or a unit (ms, s, m, h, d), as in 250ms or 1h");
        }
        String unit = matcher.group(2) == null ? "ms" : matcher.group(2);
        try {
            long unitMs = UNITS.getOrDefault(unit, Duration.ofMillis(1)).toMillis();
            return Duration.ofMillis(Math.multiplyExact(Long.parseLong(matcher.group(1)), unitMs));
        } catch (ArithmeticException overflow) {
            throw new IllegalArgumentException("is longer than any duration we can count", overflow);
        }
    }

    /** The shortest exact form, which {@link #parse} reads back. */
    public static String print(Duration duration) {
        long ms = duration.toMillis();
        for (String unit : LARGEST_FIRST) {
            long unitMs = UNITS.getOrDefault(unit, Duration.ofMillis(1)).toMillis();
            if (ms > 0 && ms % unitMs == 0) {
                return ms / unitMs + unit;
            }
        }
        return ms + "ms";
    }
}
