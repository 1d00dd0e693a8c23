package io.kafscale.simulation.client;

import io.kafscale.simulation.World;
import io.kafscale.simulation.broker.Supervisor;
import io.kafscale.simulation.invariant.Referee;
import java.time.Duration;

/**
 * What all clients of a history share. Immutable.
 *
 * @param servers where the broker is reached
 * @param referee is shown every answer
 * @param networkLatency what half of all messages take at most, one way
 */
public record ClientContext(World world, Supervisor servers, Referee referee, Duration networkLatency) {
    void trace(String who, String what) {
        world.trace().add(who, what);
    }
}
