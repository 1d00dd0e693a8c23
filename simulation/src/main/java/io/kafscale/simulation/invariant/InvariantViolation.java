package io.kafscale.simulation.invariant;

/** A history broke a rule. */
public final class InvariantViolation extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String invariant;

    /** A violation of the rule of this name. */
    public InvariantViolation(String invariant, String what) {
        super(invariant + ": " + what);
        this.invariant = invariant;
    }

    /** A violation that showed as a failure. */
    public InvariantViolation(String invariant, String what, Throwable cause) {
        super(invariant + ": " + what, cause);
        this.invariant = invariant;
    }

    /** The rule's name. */
    public String invariant() {
        return invariant;
    }
}
