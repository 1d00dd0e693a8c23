package io.kafscale.simulation.broker;

import io.kafscale.runtime.EventLoop;
import io.kafscale.runtime.TimeSource;
import io.kafscale.simulation.World;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * The one loop of a simulated broker process. It can stand still, as a process does that the machine has forgotten for a while, and
 * be killed between any two tasks. What a task throws is reported, as production does, and does not stop it. Confined to the
 * simulation's one thread.
 */
final class BrokerLoop implements EventLoop {
    private final World world;
    private final String name;
    private final EventLoop loop;
    private final Consumer<Throwable> onFailure;
    private final Deque<Runnable> held = new ArrayDeque<>();
    private boolean paused;
    private boolean running;

    BrokerLoop(World world, String name, Consumer<Throwable> onFailure) {
        this.world = world;
        this.name = name;
        this.loop = world.time().newLoop(name);
        this.onFailure = onFailure;
    }

    /** Nothing runs from now on until it is resumed; what is due meanwhile runs then. */
    void pause() {
        paused = true;
    }

    void resume() {
        paused = false;
        var due = new ArrayDeque<>(held);
        held.clear();
        due.forEach(loop::execute);
    }

    /** Nothing runs any more. */
    void kill() {
        held.clear();
        world.time().kill(loop);
    }

    @Override
    public void execute(Runnable task) {
        loop.execute(guarded(task));
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        return loop.schedule(delay, guarded(task));
    }

    private Runnable guarded(Runnable task) {
        return new Runnable() {
            @Override
            public void run() {
                if (paused) {
                    held.add(this);
                    return;
                }
                running = true;
                world.trace().running(name);
                try {
                    task.run();
                } catch (RuntimeException | Error thrown) {
                    onFailure.accept(thrown);
                } finally {
                    running = false;
                }
            }
        };
    }

    @Override
    public boolean inLoop() {
        return running;
    }

    @Override
    public TimeSource time() {
        return world.time();
    }
}
