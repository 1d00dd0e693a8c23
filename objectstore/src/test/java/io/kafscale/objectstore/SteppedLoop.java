package io.kafscale.objectstore;

import io.kafscale.runtime.EventLoop;
import io.kafscale.runtime.TimeSource;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** A loop that a test turns by hand, with a clock that moves only when it is told to. For one thread. */
final class SteppedLoop implements EventLoop, TimeSource {
    private record Scheduled(long dueNanos, long number, Runnable task) {}

    private final ArrayDeque<Runnable> ready = new ArrayDeque<>();
    private final PriorityQueue<Scheduled> scheduled =
            new PriorityQueue<>(Comparator.comparingLong(Scheduled::dueNanos).thenComparingLong(Scheduled::number));
    private final List<Duration> delays = new ArrayList<>();
    private long now;
    private long next;

    @Override
    public void execute(Runnable task) {
        ready.add(task);
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        delays.add(delay);
        var entry = new Scheduled(now + delay.toNanos(), next++, task);
        scheduled.add(entry);
        return () -> scheduled.remove(entry);
    }

    /** Runs all that is ready, then moves the clock from timer to timer until nothing is left that is due by {@code duration}. */
    void advance(Duration duration) {
        long end = now + duration.toNanos();
        runReady();
        for (var timer = scheduled.peek(); timer != null && timer.dueNanos <= end; timer = scheduled.peek()) {
            scheduled.remove(timer);
            now = timer.dueNanos;
            timer.task.run();
            runReady();
        }
        now = end;
    }

    private void runReady() {
        for (var task = ready.poll(); task != null; task = ready.poll()) {
            task.run();
        }
    }

    /** The delays asked for so far. */
    List<Duration> delays() {
        return delays;
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
        return now;
    }

    @Override
    public long wallClockMs() {
        return now / 1_000_000;
    }
}
