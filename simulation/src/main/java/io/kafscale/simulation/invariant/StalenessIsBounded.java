package io.kafscale.simulation.invariant;

import io.kafscale.simulation.invariant.Observation.Answered;
import io.kafscale.simulation.invariant.Observation.LeadsOn;
import java.time.Duration;

/**
 * A process whose place another has taken notices so and stops answering, and one whose stream another has sealed leads no more though
 * nobody asks it anything; with the metadata store or without it.
 */
public final class StalenessIsBounded implements Invariant {
    /** It looks once a second; the answer of a slow store takes seconds, and a few in ten thousand many times that. */
    private static final Duration BOUND = Duration.ofSeconds(10);

    @Override
    public void see(Observation observation) {
        switch (observation) {
            case Answered answered ->
                check(answered.process() + " still answers", answered.outdated(), "took its place");
            case LeadsOn on -> check(on.process() + " leads on", on.outdated(), "sealed its stream");
            default -> {}
        }
    }

    private void check(String what, Duration outdated, String since) {
        if (outdated.compareTo(BOUND) > 0) {
            throw violation(what + " " + outdated + " after another " + since);
        }
    }
}
