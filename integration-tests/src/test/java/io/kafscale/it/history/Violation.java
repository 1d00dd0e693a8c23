package io.kafscale.it.history;

import java.util.List;

/**
 * A rule that was broken.
 *
 * @param rule its name
 * @param message how
 * @param excerpt what was observed before, of the same partition, and what had been done to the cluster
 */
public record Violation(String rule, String message, List<Entry> excerpt) {
    /** Copies the excerpt. */
    public Violation {
        excerpt = List.copyOf(excerpt);
    }

    @Override
    public String toString() {
        var text = new StringBuilder(rule).append(": ").append(message);
        excerpt.forEach(entry -> text.append("\n    ").append(entry));
        return text.toString();
    }
}
