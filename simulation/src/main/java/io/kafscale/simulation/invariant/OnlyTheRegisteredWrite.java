package io.kafscale.simulation.invariant;

import io.kafscale.simulation.invariant.Observation.RecordChanged;
import java.util.Optional;

/** The record of a partition is changed only by an incarnation that is registered at that moment. */
public final class OnlyTheRegisteredWrite implements Invariant {
    @Override
    public void see(Observation observation) {
        if (observation instanceof RecordChanged changed
                && !changed.registered().equals(Optional.of(changed.writer()))) {
            throw violation(changed.writer() + " has written " + changed.key() + ", and registered was "
                    + changed.registered().map(Object::toString).orElse("nobody"));
        }
    }
}
