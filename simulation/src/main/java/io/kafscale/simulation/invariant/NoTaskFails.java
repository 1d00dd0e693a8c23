package io.kafscale.simulation.invariant;

import io.kafscale.simulation.invariant.Observation.TaskFailed;

/** No task on a broker's loop throws. */
public final class NoTaskFails implements Invariant {
    @Override
    public void see(Observation observation) {
        if (observation instanceof TaskFailed failed) {
            throw new InvariantViolation(name(), failed.process() + ": " + failed.cause(), failed.cause());
        }
    }
}
