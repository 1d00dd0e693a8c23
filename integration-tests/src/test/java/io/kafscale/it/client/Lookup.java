package io.kafscale.it.client;

import java.util.Map;

/** What a client must have answered. */
public final class Lookup {
    private Lookup() {}

    /** The value of {@code key} in an answer; fails the test if it has none. */
    public static <K, V> V in(Map<K, ? extends V> answer, K key) {
        V value = answer.get(key);
        if (value == null) {
            throw new AssertionError("nothing about " + key + " in " + answer);
        }
        return value;
    }
}
