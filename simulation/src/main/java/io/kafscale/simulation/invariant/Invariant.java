package io.kafscale.simulation.invariant;

/**
 * A rule that no history may break. It sees what clients see, and what is in the stores at certain moments, and throws
 * {@link InvariantViolation}. Confined to the simulation's one thread.
 */
public interface Invariant {
    /**
     * Something happened.
     *
     * @throws InvariantViolation if it must not
     */
    void see(Observation observation);

    /** The rule's name. */
    default String name() {
        return getClass().getSimpleName();
    }

    /** The violation of this rule, to be thrown. */
    default InvariantViolation violation(String what) {
        return new InvariantViolation(name(), what);
    }
}
