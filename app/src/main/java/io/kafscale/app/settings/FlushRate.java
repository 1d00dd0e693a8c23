package io.kafscale.app.settings;

import java.util.Locale;

/** How many WAL PUTs a second the operator pays for. Immutable. */
public sealed interface FlushRate {
    /** What {@code auto} means where requests cost money. */
    double PAID_PER_SECOND = 4;

    /** The rate on this store; infinity for unlimited. */
    double perSecond(StorageUri storage);

    /** By the store: 4 a second where requests cost money, unlimited elsewhere. */
    record Auto() implements FlushRate {
        @Override
        public double perSecond(StorageUri storage) {
            return storage.requestsCost() ? PAID_PER_SECOND : Double.POSITIVE_INFINITY;
        }

        @Override
        public String toString() {
            return "auto";
        }
    }

    /** A rate the operator chose; infinity for unlimited. */
    record Fixed(double rate) implements FlushRate {
        @Override
        public double perSecond(StorageUri storage) {
            return rate;
        }

        @Override
        public String toString() {
            return Double.isInfinite(rate) ? "unlimited" : Double.toString(rate).replaceFirst("\\.0$", "");
        }
    }

    /**
     * Reads {@code auto}, {@code unlimited} or a positive number.
     *
     * @throws IllegalArgumentException if it is none of them; the message says what to write instead
     */
    static FlushRate parse(String text) {
        String trimmed = text.trim().toLowerCase(Locale.ROOT);
        if (trimmed.equals("auto")) {
            return new Auto();
        }
        if (trimmed.equals("unlimited")) {
            return new Fixed(Double.POSITIVE_INFINITY);
        }
        if (!trimmed.matches("\\d{1,6}(\\.\\d{1,6})?") || Double.parseDouble(trimmed) == 0) {
            throw new IllegalArgumentException("is not a rate; write PUTs per second (4, 0.5), unlimited, or auto");
        }
        return new Fixed(Double.parseDouble(trimmed));
    }
}
