package io.kafscale.it.history;

import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;

/** Numbers by small indexes, such as offsets. Not thread-safe. */
final class LongTable {
    private static final int FIRST_CAPACITY = 1_024;

    private final BitSet present = new BitSet();
    private long[] values = new long[FIRST_CAPACITY];

    boolean contains(long index) {
        return present.get(Math.toIntExact(index));
    }

    /** The number at an index that is present. */
    long get(long index) {
        return values[Math.toIntExact(index)];
    }

    void put(long index, long value) {
        int at = Math.toIntExact(index);
        if (at >= values.length) {
            values = Arrays.copyOf(values, Math.max(at + 1, 2 * values.length));
        }
        values[at] = value;
        present.set(at);
    }

    /** How many are present. */
    int size() {
        return present.cardinality();
    }

    /** The least index that is not present. */
    long firstAbsent() {
        return present.nextClearBit(0);
    }

    /** All indexes that are present, in order. */
    IntStream indexes() {
        return present.stream();
    }
}
