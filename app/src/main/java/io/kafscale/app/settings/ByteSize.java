package io.kafscale.app.settings;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A number of bytes as people write it: {@code 8MiB}, {@code 512 KiB}, {@code 1048576}. Only binary units are understood, because
 * {@code MB} means two things. Immutable.
 */
public record ByteSize(long bytes) implements Comparable<ByteSize> {
    private static final Pattern SYNTAX = Pattern.compile("(\\d{1,19})\\s*([A-Za-z]*)");
    private static final List<String> UNITS = List.of("B", "KiB", "MiB", "GiB", "TiB");
    private static final int UNIT_SHIFT = 10;

    /** Refuses negative sizes. */
    public ByteSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("a size cannot be negative: " + bytes);
        }
    }

    /** So many mebibytes. */
    public static ByteSize mebibytes(long count) {
        return new ByteSize(Math.multiplyExact(count, 1L << 20));
    }

    /**
     * Reads a size.
     *
     * @throws IllegalArgumentException if it is not one; the message says what to write instead
     */
    public static ByteSize parse(String text) {
        var matcher = SYNTAX.matcher(text.trim());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("is not a size; write a number of bytes or a unit, as in 8MiB");
        }
        String unit = matcher.group(2);
        for (int i = 0; i < UNITS.size(); i++) {
            if (unit.equalsIgnoreCase(UNITS.get(i)) || (i == 0 && unit.isEmpty())) {
                return scaled(matcher.group(1), i);
            }
        }
        throw new IllegalArgumentException("has no size unit we know; the units are " + String.join(", ", UNITS)
                + (ambiguous(unit) ? " (" + unit + " can mean powers of 1000 or of 1024)" : ""));
    }

    private static ByteSize scaled(String digits, int unit) {
        try {
            return new ByteSize(Math.multiplyExact(Long.parseLong(digits), 1L << (UNIT_SHIFT * unit)));
        } catch (ArithmeticException | NumberFormatException overflow) {
            throw new IllegalArgumentException("is larger than any size we can count", overflow);
        }
    }

    private static boolean ambiguous(String unit) {
        return List.of("k", "kb", "m", "mb", "g", "gb", "t", "tb").contains(unit.toLowerCase(Locale.ROOT));
    }

    @Override
    public int compareTo(ByteSize other) {
        return Long.compare(bytes, other.bytes);
    }

    /** The shortest exact form, which {@link #parse} reads back. */
    @Override
    public String toString() {
        int unit = 0;
        long count = bytes;
        while (count > 0 && count % (1 << UNIT_SHIFT) == 0 && unit < UNITS.size() - 1) {
            count >>= UNIT_SHIFT;
            unit++;
        }
        return unit == 0 ? Long.toString(count) : count + UNITS.get(unit);
    }
}
