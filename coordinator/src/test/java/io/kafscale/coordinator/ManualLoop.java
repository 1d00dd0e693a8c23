package io.kafscale.coordinator;

import io.kafscale.runtime.EventLoop;
import io.kafscale.runtime.TimeSource;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;

/** An event loop that a test turns by hand. For one thread. */
final class ManualLoop implements EventLoop, TimeSource {
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final List<Alarm> alarms = new ArrayList<>();
    private long nowNanos;

    private record Alarm(long atNanos, Runnable task) {}

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        var alarm = new Alarm(nowNanos + delay.toNanos(), task);
        alarms.add(alarm);
        return () -> alarms.remove(alarm);
    }

    /** Runs what is queued and what that queues. */
    void run() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    /** Lets time pass. */
    void advance(Duration by) {
        nowNanos += by.toNanos();
        alarms.sort(Comparator.comparingLong(Alarm::atNanos));
        while (!alarms.isEmpty() && alarms.getFirst().atNanos <= nowNanos) {
            tasks.add(alarms.removeFirst().task);
        }
        run();
    }

    @Override
    public boolean inLoop() {
        return true;
    }

    @Override
    public TimeSource time() {
        return this;
    }

    @Override
    public long nanoTime() {
        return nowNanos;
    }

    @Override
    public long wallClockMs() {
        return nowNanos / 1_000_000;
    }
}
