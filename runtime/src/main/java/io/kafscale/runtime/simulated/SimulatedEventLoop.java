package io.kafscale.runtime.simulated;

import io.kafscale.runtime.EventLoop;
import io.kafscale.runtime.TimeSource;
import java.time.Duration;

/** A loop on {@link SimulatedTime}. Confined to the simulation's one thread. */
final class SimulatedEventLoop implements EventLoop {
    private final SimulatedTime time;
    private final String name;
    private boolean killed;

    SimulatedEventLoop(SimulatedTime time, String name) {
        this.time = time;
        this.name = name;
    }

    void kill() {
        killed = true;
    }

    @Override
    public void execute(Runnable task) {
        schedule(Duration.ZERO, task);
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        return killed ? () -> {} : time.add(this, delay.toNanos(), task);
    }

    @Override
    public boolean inLoop() {
        return time.isRunning(this);
    }

    @Override
    public TimeSource time() {
        return time;
    }

    @Override
    public String toString() {
        return name;
    }
}
