package io.kafscale.simulation;

import io.kafscale.runtime.EventLoop;
import io.kafscale.runtime.simulated.SimulatedTime;
import io.kafscale.simulation.trace.Trace;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * What everything in a history shares: one clock, one source of chance, one trace. What happens outside of brokers (stores, network,
 * clients) runs on {@link #loop()}, which never stops. Confined to the simulation's one thread.
 *
 * @param time the clock and the queue of everything that is going to happen
 * @param loop where the outside world runs
 */
public record World(SimulatedTime time, EventLoop loop, Seeds seeds, Trace trace) {
    /** Does {@code task} after a while. */
    public EventLoop.Timer after(Duration delay, Runnable task) {
        return loop.schedule(delay, task);
    }

    /** Monotonic nanoseconds. */
    public long nowNanos() {
        return time.nanoTime();
    }

    /** A duration between two bounds, any as likely as any other. */
    public static Duration between(Duration least, Duration most, RandomGenerator random) {
        long span = most.toNanos() - least.toNanos();
        return span <= 0 ? least : least.plusNanos(random.nextLong(span + 1));
    }

    /**
     * A duration as answers of a network have them: most are near the typical one, a few take many times as long.
     *
     * @param typical what half of them stay below
     */
    public static Duration skewed(Duration typical, RandomGenerator random) {
        double factor = 0.3 + 0.5 / Math.sqrt(1 - random.nextDouble());
        return Duration.ofNanos((long) (typical.toNanos() * Math.min(factor, 40)));
    }
}
