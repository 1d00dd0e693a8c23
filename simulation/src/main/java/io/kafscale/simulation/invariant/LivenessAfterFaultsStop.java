package io.kafscale.simulation.invariant;

import io.kafscale.simulation.invariant.Observation.NotEnded;

/** Once nothing fails any more, everything that was begun ends within a bounded time. */
public final class LivenessAfterFaultsStop implements Invariant {
    @Override
    public void see(Observation observation) {
        if (observation instanceof NotEnded open) {
            throw violation(open.what());
        }
    }
}
