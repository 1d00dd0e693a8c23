package io.kafscale.app.settings;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds what somebody may have meant. Pure functions. */
final class Suggestions {
    private static final int TYPOS_ALWAYS_FORGIVEN = 2;
    private static final int LENGTH_PER_TYPO = 4;

    private Suggestions() {}

    /** The known name nearest to {@code unknown}: one that ends with it, or one few typing errors away. */
    static Optional<String> nearest(String unknown, Collection<String> known) {
        var completed = known.stream()
                .filter(name -> name.endsWith("." + unknown) || name.startsWith(unknown + "."))
                .min(Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder()));
        if (completed.isPresent()) {
            return completed;
        }
        int forgiven = Math.max(TYPOS_ALWAYS_FORGIVEN, unknown.length() / LENGTH_PER_TYPO);
        return known.stream()
                .filter(name -> distance(unknown, name) <= forgiven)
                .min(Comparator.comparingInt((String name) -> distance(unknown, name))
                        .thenComparing(Comparator.naturalOrder()));
    }

    /** The number of insertions, deletions and substitutions between two words. */
    static int distance(String left, String right) {
        int[] row = new int[right.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= left.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int substituted = diagonal + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[right.length()];
    }
}
