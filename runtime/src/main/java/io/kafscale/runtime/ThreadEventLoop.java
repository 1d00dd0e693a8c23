package io.kafscale.runtime;

import java.time.Duration;
import java.util.Comparator;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The production {@link EventLoop}: one platform daemon thread. Thread-safe. After {@link #close()} further tasks are refused with
 * {@link java.util.concurrent.RejectedExecutionException}, but for those of the tasks that still run: what ends needs its last steps.
 *
 * <p>A queue without a lock, and a thread that is woken only where it sleeps: under load a hand-over costs no call of the system. The
 * JDK's scheduled executor keeps tasks and timers in one heap behind one lock, which for tasks this short costs more than they do.
 */
public final class ThreadEventLoop implements EventLoop, AutoCloseable {
    /** Readings of the monotonic clock compare by their difference only. */
    private static final Comparator<DueTask> DUE_FIRST = (one, other) -> one.dueNanos == other.dueNanos
            ? Long.compare(one.number, other.number)
            : Long.signum(one.dueNanos - other.dueNanos);

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

    private final BiConsumer<String, Throwable> onFailure;
    private final String name;
    private final TimeSource time = TimeSource.system();
    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean asleep = new AtomicBoolean();
    private final AtomicInteger expected = new AtomicInteger();
    private final AtomicLong timersMade = new AtomicLong();
    private final Thread thread;

    /** Touched by the loop's thread only. */
    private final TreeSet<DueTask> timers = new TreeSet<>(DUE_FIRST);

    private long expectedUntilNanos;

    private volatile boolean closed;

    /**
     * Starts the loop.
     *
     * @param name the thread's name
     * @param onFailure told the loop's name and what a task threw, on the loop
     */
    public ThreadEventLoop(String name, BiConsumer<String, Throwable> onFailure) {
        this.name = name;
        this.onFailure = onFailure;
        thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
        thread.start();
    }

    @Override
    public void execute(Runnable task) {
        add(task);
        wake();
    }

    @Override
    public void executeExpected(Runnable task) {
        add(task);
        if (expected.get() <= 0 || expected.decrementAndGet() <= 0) {
            wake();
        }
    }

    @Override
    public void expect(int count, Duration most) {
        expectedUntilNanos = time.nanoTime() + most.toNanos();
        expected.set(count);
    }

    private void add(Runnable task) {
        if (inLoop()) {
            tasks.add(task);
            return;
        }
        if (closed) {
            throw refused();
        }
        tasks.add(task);
        if (closed && tasks.remove(task)) {
            throw refused();
        }
    }

    private RejectedExecutionException refused() {
        return new RejectedExecutionException("the loop " + name + " is closed");
    }

    private void wake() {
        if (asleep.get() && asleep.compareAndSet(true, false)) {
            LockSupport.unpark(thread);
        }
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        var timer = new DueTask(time.nanoTime() + Math.max(0, delay.toNanos()), timersMade.getAndIncrement(), task);
        if (closed && !inLoop()) {
            throw refused();
        }
        onLoop(() -> timers.add(timer));
        return timer;
    }

    private void onLoop(Runnable change) {
        if (inLoop()) {
            change.run();
        } else {
            execute(change);
        }
    }

    private void run() {
        while (true) {
            boolean ran = runFirstDue();
            Runnable task = tasks.poll();
            if (task != null) {
                runGuarded(task);
            } else if (closed) {
                return;
            } else if (!ran) {
                sleep();
            }
        }
    }

    /** Runs the timer that is due first, if one is and the loop has not been closed. */
    private boolean runFirstDue() {
        if (timers.isEmpty() || closed || timers.first().dueNanos - time.nanoTime() > 0) {
            return false;
        }
        Runnable task = timers.removeFirst().take();
        if (task != null) {
            runGuarded(task);
        }
        return true;
    }

    private void runGuarded(Runnable task) {
        try {
            task.run();
        } catch (Throwable failure) {
            report(failure);
        }
    }

    /** Whoever is told must not end the loop either. */
    private void report(Throwable failure) {
        try {
            onFailure.accept(name, failure);
        } catch (Throwable unreported) {
            thread.getUncaughtExceptionHandler().uncaughtException(thread, unreported);
        }
    }

    private void sleep() {
        asleep.set(true);
        if (tasks.isEmpty() && !closed) {
            park();
        }
        asleep.set(false);
        Thread.interrupted(); // a task may have left its interrupt behind, with which no park would ever last
    }

    private void park() {
        boolean expecting = expected.get() > 0;
        if (timers.isEmpty() && !expecting) {
            LockSupport.park(this);
            return;
        }
        long now = time.nanoTime();
        long nanos = timers.isEmpty() ? Long.MAX_VALUE : timers.first().dueNanos - now;
        if (expecting) {
            nanos = Math.min(nanos, expectedUntilNanos - now);
        }
        if (nanos > 0) {
            LockSupport.parkNanos(this, nanos);
        }
        if (expecting && expectedUntilNanos - time.nanoTime() <= 0) {
            expected.set(0); // what comes from now on wakes the loop, and what has come is looked for before it sleeps
        }
    }

    @Override
    public boolean inLoop() {
        return Thread.currentThread().equals(thread);
    }

    @Override
    public TimeSource time() {
        return time;
    }

    /** Runs what is queued, drops what is only scheduled, and waits up to ten seconds for the thread to end. */
    @Override
    public void close() {
        closed = true;
        wake();
        if (inLoop()) {
            return;
        }
        try {
            if (!thread.join(CLOSE_LIMIT)) {
                thread.interrupt();
            }
        } catch (InterruptedException interrupted) {
            thread.interrupt();
            Thread.currentThread().interrupt();
        }
    }

    /** A task with the time it is due at. */
    private final class DueTask implements Timer {
        private final long dueNanos;
        private final long number;
        private volatile @Nullable Runnable task;

        DueTask(long dueNanos, long number, Runnable task) {
            this.dueNanos = dueNanos;
            this.number = number;
            this.task = task;
        }

        /** What to run, or null if it has been cancelled. */
        @Nullable
        Runnable take() {
            Runnable taken = task;
            task = null;
            return taken;
        }

        /** Lets go of the task at once, and of the place in line when the loop comes to it. */
        @Override
        public void cancel() {
            if (task == null) {
                return;
            }
            task = null;
            if (inLoop()) {
                timers.remove(this);
            } else if (!closed) {
                removeLater();
            }
        }

        private void removeLater() {
            try {
                execute(() -> timers.remove(this));
            } catch (RejectedExecutionException closing) {
                // The loop drops its timers.
            }
        }
    }
}
