package io.kafscale.simulation.invariant;

import io.kafscale.simulation.invariant.Observation.Garbage;

/** What nobody needs any more is deleted in time: streams of dead brokers, segments below the log start, deleted topics. */
public final class NothingIsLeftBehind implements Invariant {
    @Override
    public void see(Observation observation) {
        if (observation instanceof Garbage garbage) {
            throw violation(garbage.key() + " is still there: " + garbage.why());
        }
    }
}
