package io.kafscale.simulation.trace;

/**
 * One thing that happened. Immutable.
 *
 * @param nanos simulated time since the history began
 * @param who the component it happened to, or that did it
 * @param what in one line
 */
public record TraceLine(long nanos, Kind kind, String who, String what) {
    /** What kind of thing. */
    public enum Kind {
        /** A step of somebody: a request, an answer, a decision. */
        STEP,
        /** Something that went wrong because the history wanted it to. */
        FAULT,
        /** What the broker wrote into its log. */
        LOG
    }
}
