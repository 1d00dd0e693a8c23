package io.kafscale.simulation;

import io.kafscale.simulation.invariant.InvariantViolation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How a history went.
 *
 * @param violation the first broken rule
 * @param events steps of the simulated world
 * @param observations what was checked
 * @param requests requests of the object store
 * @param lasted simulated time
 * @param traceHash the same for every run of the seed
 * @param trace the latest events
 */
public record HistoryResult(
        long seed,
        Optional<InvariantViolation> violation,
        long events,
        long observations,
        long requests,
        Duration lasted,
        long traceHash,
        List<String> trace) {}
