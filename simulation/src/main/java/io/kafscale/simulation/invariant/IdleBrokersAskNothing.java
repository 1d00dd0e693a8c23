package io.kafscale.simulation.invariant;

import io.kafscale.simulation.invariant.Observation.IdleRequests;

/** A broker without clients, whose background work is done, makes no request of the object store. */
public final class IdleBrokersAskNothing implements Invariant {
    @Override
    public void see(Observation observation) {
        if (observation instanceof IdleRequests idle && idle.requests() != 0) {
            throw violation(idle.requests() + " requests in " + idle.during());
        }
    }
}
