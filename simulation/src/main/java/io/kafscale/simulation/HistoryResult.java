package io.kafscale.simulation;

import io.kafscale.simulation.invariant.InvariantViolation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How a history went. Immutable.
 *
 * @param violation the first broken rule
 * @param events steps of the simulated world
 * @param observations what was checked
 * @param requests requests of the object store
 * @param lasted simulated time
 * @param traceHash the same for every run of the seed
 */
public record HistoryResult(
        long seed,
        Optional<InvariantViolation> violation,
        long events,
        long observations,
        long requests,
        Duration lasted,
        long traceHash,
        Account account) {
    /**
     * The history as people read it.
     *
     * @param plan what was drawn from the seed before it began
     * @param violation what was broken; empty if nothing was
     * @param trace the latest events
     */
    public record Account(String plan, String violation, List<String> trace) {}
}
