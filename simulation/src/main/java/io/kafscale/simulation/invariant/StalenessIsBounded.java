package io.kafscale.simulation.invariant;

import io.kafscale.simulation.invariant.Observation.Answered;
import java.time.Duration;

/** A process whose place another has taken notices so and stops answering, with the metadata store or without it. */
public final class StalenessIsBounded implements Invariant {
    /** It looks once a second; the answer of a slow store takes seconds, and a few in ten thousand many times that. */
    private static final Duration BOUND = Duration.ofSeconds(10);

    @Override
    public void see(Observation observation) {
        if (observation instanceof Answered answered && answered.outdated().compareTo(BOUND) > 0) {
            throw violation(
                    answered.process() + " still answers " + answered.outdated() + " after another took its place");
        }
    }
}
