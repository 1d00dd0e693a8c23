package io.kafscale.runtime.simulated;

import io.kafscale.runtime.EventLoop;
import io.kafscale.runtime.TimeSource;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Time that passes only when told to. All loops made by {@link #newLoop} share one queue of events ordered by due time and then by
 * the order they were added, so a run is a pure function of what was added. Confined to one thread.
 */
public final class SimulatedTime implements TimeSource {
    private static final class Event implements EventLoop.Timer {
        final long dueNanos;
        final long order;
        final SimulatedEventLoop loop;
        final Runnable task;
        boolean cancelled;

        Event(long dueNanos, long order, SimulatedEventLoop loop, Runnable task) {
            this.dueNanos = dueNanos;
            this.order = order;
            this.loop = loop;
            this.task = task;
        }

        @Override
        public void cancel() {
            cancelled = true;
        }
    }

    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.<Event>comparingLong(e -> e.dueNanos).thenComparingLong(e -> e.order));
    private final long wallOffsetMs;
    private long nowNanos;
    private long added;
    private @Nullable SimulatedEventLoop running;

    /** Starts at monotonic 0 and the given wall-clock time. */
    public SimulatedTime(long wallClockMs) {
        this.wallOffsetMs = wallClockMs;
    }

    /** A loop on this time. What its tasks throw is thrown out of the call that runs them. */
    public EventLoop newLoop(String name) {
        return new SimulatedEventLoop(this, name);
    }

    /** Stops {@code loop} for good, as a crash does: its queued and future tasks are dropped. */
    public void kill(EventLoop loop) {
        ((SimulatedEventLoop) loop).kill();
        events.removeIf(e -> e.loop == loop);
    }

    /**
     * Runs the next event, moving the clock to its due time.
     *
     * @return whether there was one
     */
    public boolean step() {
        Event event = events.poll();
        while (event != null && event.cancelled) {
            event = events.poll();
        }
        if (event == null) {
            return false;
        }
        nowNanos = Math.max(nowNanos, event.dueNanos);
        SimulatedEventLoop outer = running;
        running = event.loop;
        try {
            event.task.run();
        } finally {
            running = outer;
        }
        return true;
    }

    /** Runs everything that is due within {@code duration}, including what that adds, and leaves the clock at its end. */
    public void advance(Duration duration) {
        long end = nowNanos + duration.toNanos();
        while (nextDue() <= end) {
            step();
        }
        nowNanos = end;
    }

    /** Runs what is due now, including what that adds, without moving the clock. */
    public void runDue() {
        advance(Duration.ZERO);
    }

    private long nextDue() {
        while (!events.isEmpty() && events.element().cancelled) {
            events.remove();
        }
        return events.isEmpty() ? Long.MAX_VALUE : events.element().dueNanos;
    }

    /** Events waiting, cancelled ones excluded. */
    public int pending() {
        return (int) events.stream().filter(e -> !e.cancelled).count();
    }

    @Override
    public long nanoTime() {
        return nowNanos;
    }

    @Override
    public long wallClockMs() {
        return wallOffsetMs + nowNanos / 1_000_000;
    }

    EventLoop.Timer add(SimulatedEventLoop loop, long delayNanos, Runnable task) {
        Event event = new Event(nowNanos + Math.max(0, delayNanos), added++, loop, task);
        events.add(event);
        return event;
    }

    boolean isRunning(SimulatedEventLoop loop) {
        return running == loop;
    }
}
