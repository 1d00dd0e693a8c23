package io.kafscale.log.internal;

import io.kafscale.runtime.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks when their deadline has passed: one timer of the loop for any number of them. Almost all are cancelled before, which
 * costs nothing later and keeps nothing alive. A deadline may be met up to {@value #SLOT_MS} ms late, never early. Belongs to one
 * loop.
 */
public final class Deadlines {
    /** Resolution, milliseconds. */
    public static final int SLOT_MS = 5;

    private static final long SLOT_NANOS = SLOT_MS * 1_000_000L;

    /** A task that waits for its deadline. */
    public static final class Pending {
        private final List<Pending> slot;
        private int index;
        private @Nullable Runnable task;

        private Pending(List<Pending> slot, Runnable task) {
            this.slot = slot;
            this.index = slot.size();
            this.task = task;
            slot.add(this);
        }

        /** Forgets the task, unless it has run. */
        public void cancel() {
            if (task == null) {
                return;
            }
            task = null;
            Pending last = slot.removeLast();
            if (last != this) {
                slot.set(index, last);
                last.index = index;
            }
        }
    }

    private final EventLoop loop;
    private final TreeMap<Long, List<Pending>> slots = new TreeMap<>();
    private EventLoop.@Nullable Timer timer;
    private long timerSlot = Long.MAX_VALUE;

    /** Nothing waits yet. */
    public Deadlines(EventLoop loop) {
        this.loop = loop;
    }

    /** Runs {@code task} on the loop once {@code deadlineNanos} of its monotonic clock has passed. */
    public Pending at(long deadlineNanos, Runnable task) {
        long slot = Math.min(Math.ceilDiv(deadlineNanos, SLOT_NANOS), Long.MAX_VALUE / SLOT_NANOS);
        var pending = new Pending(slots.computeIfAbsent(slot, s -> new ArrayList<>()), task);
        if (slot < timerSlot) {
            setTimer(slot);
        }
        return pending;
    }

    private void setTimer(long slot) {
        if (timer != null) {
            timer.cancel();
        }
        timerSlot = slot;
        long delay = slot * SLOT_NANOS - loop.time().nanoTime();
        timer = loop.schedule(Duration.ofNanos(Math.max(0, delay)), this::runDue);
    }

    private void runDue() {
        timer = null;
        timerSlot = Long.MAX_VALUE;
        try {
            long now = loop.time().nanoTime();
            for (Map.Entry<Long, List<Pending>> first = slots.firstEntry();
                    first != null && (first.getValue().isEmpty() || first.getKey() * SLOT_NANOS <= now);
                    first = slots.firstEntry()) {
                run(first.getValue());
                slots.remove(first.getKey());
            }
        } finally {
            if (!slots.isEmpty() && slots.firstKey() < timerSlot) {
                setTimer(slots.firstKey());
            }
        }
    }

    /** A task may cancel others of its slot while they are run. */
    private static void run(List<Pending> due) {
        while (!due.isEmpty()) {
            Pending pending = due.removeLast();
            Runnable task = pending.task;
            pending.task = null;
            if (task != null) {
                task.run();
            }
        }
    }

    /** How many tasks wait. */
    public int size() {
        return slots.values().stream().mapToInt(List::size).sum();
    }
}
