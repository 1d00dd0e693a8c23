package io.kafscale.simulation.invariant;

import io.kafscale.simulation.invariant.Observation.BytesHeld;

/** When nothing is under way, nothing is held: every reservation is given back, every payload released. */
public final class BudgetsReturnToZero implements Invariant {
    @Override
    public void see(Observation observation) {
        if (observation instanceof BytesHeld held && held.bytes() != 0) {
            throw violation(held.budget() + " still holds " + held.bytes() + " though nothing is under way");
        }
    }
}
