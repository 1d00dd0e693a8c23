package io.kafscale.coordinator;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.util.timer.Timer;
import org.apache.kafka.server.util.timer.TimerTask;
import org.apache.kafka.server.util.timer.TimerTaskEntry;

/** The coordinator's time, turned by hand. Thread-safe. */
final class ManualClock implements Time, Timer {
    private final List<TimerTaskEntry> tasks = new ArrayList<>();
    private long nowMs = 1_800_000_000_000L;

    CoordinatorClock clock() {
        return new CoordinatorClock(this, this);
    }

    @Override
    public synchronized void add(TimerTask task) {
        tasks.add(new TimerTaskEntry(task, nowMs + task.delayMs));
    }

    /** Lets time pass and runs what is due, in its order. */
    @Override
    public boolean advanceClock(long byMs) {
        List<TimerTaskEntry> due;
        synchronized (this) {
            nowMs += byMs;
            due = tasks.stream()
                    .filter(task -> task.expirationMs <= nowMs)
                    .sorted(Comparator.comparingLong(task -> task.expirationMs))
                    .toList();
            tasks.removeAll(due);
        }
        due.stream().filter(task -> !task.cancelled()).forEach(task -> task.timerTask.run());
        return !due.isEmpty();
    }

    @Override
    public synchronized int size() {
        return tasks.size();
    }

    @Override
    public void close() {}

    @Override
    public synchronized long milliseconds() {
        return nowMs;
    }

    @Override
    public long nanoseconds() {
        return milliseconds() * 1_000_000;
    }

    @Override
    public void sleep(long ms) {
        throw new UnsupportedOperationException("nothing sleeps here");
    }

    @Override
    public void waitObject(Object object, Supplier<Boolean> condition, long deadlineMs) {
        throw new UnsupportedOperationException("nothing waits here");
    }
}
