package io.kafscale.it.history;

/**
 * Something that must hold of every history. A rule is shown each entry once, in order, by one thread at a time, and keeps what it
 * needs of them.
 */
public interface Rule {
    /** Looks at the next entry. */
    void observe(Entry entry, Verdict verdict);

    /** Looks at what the entries say together, after the last one. */
    default void finish(Verdict verdict) {}

    /** The rule's name. */
    default String title() {
        return getClass().getSimpleName();
    }

    /** Where a rule says what broke it. */
    interface Verdict {
        /** The rule does not hold of this partition. */
        void violated(int partition, String message);

        /** The rule does not hold. */
        void violated(String message);
    }
}
