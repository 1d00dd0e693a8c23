package io.kafscale.format;

import java.util.OptionalLong;

/** Numbers in object keys: one spelling for each value, so that no two keys name the same thing. */
final class Decimal {
    private static final int PADDED_DIGITS = 20;

    private Decimal() {}

    /** Twenty digits, zero-padded, so that the order of keys is the order of numbers. */
    static String padded(long value) {
        if (value < 0) {
            throw new IllegalArgumentException("negative number in an object key: " + value);
        }
        String digits = Long.toString(value);
        return "0".repeat(PADDED_DIGITS - digits.length()) + digits;
    }

    /** Reads exactly what {@link #padded} writes. */
    static OptionalLong parsePadded(String text) {
        return text.length() == PADDED_DIGITS ? digits(text) : OptionalLong.empty();
    }

    /** Reads a non-negative number without sign and leading zeros. */
    static OptionalLong parse(String text) {
        boolean leadingZero = text.length() > 1 && text.charAt(0) == '0';
        return leadingZero ? OptionalLong.empty() : digits(text);
    }

    private static OptionalLong digits(String text) {
        if (text.isEmpty()) {
            return OptionalLong.empty();
        }
        long value = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9 || value > (Long.MAX_VALUE - digit) / 10) {
                return OptionalLong.empty();
            }
            value = value * 10 + digit;
        }
        return OptionalLong.of(value);
    }
}
