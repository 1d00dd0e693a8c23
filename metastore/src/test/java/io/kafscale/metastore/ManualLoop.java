package io.kafscale.metastore;

import io.kafscale.runtime.EventLoop;
import io.kafscale.runtime.TimeSource;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;

/** An event loop for tests: runs when told to, in the test's thread, and its clock moves only then. For one thread. */
public final class ManualLoop implements EventLoop {
    @SuppressWarnings("ArrayRecordComponent") // one flag that the handle and the queue share
    private record Scheduled(long atNanos, long order, Runnable task, boolean[] cancelled) {}

    private final Deque<Runnable> ready = new ArrayDeque<>();
    private final PriorityQueue<Scheduled> timers =
            new PriorityQueue<>(Comparator.comparingLong(Scheduled::atNanos).thenComparingLong(Scheduled::order));
    private long nowNanos;
    private long scheduled;
    private boolean running;

    private final TimeSource time = new TimeSource() {
        @Override
        public long nanoTime() {
            return nowNanos;
        }

        @Override
        public long wallClockMs() {
            return 1_700_000_000_000L + nowNanos / 1_000_000;
        }
    };

    @Override
    public void execute(Runnable task) {
        ready.add(task);
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        boolean[] cancelled = new boolean[1];
        timers.add(new Scheduled(nowNanos + delay.toNanos(), scheduled++, task, cancelled));
        return () -> cancelled[0] = true;
    }

    @Override
    public boolean inLoop() {
        return running;
    }

    @Override
    public TimeSource time() {
        return time;
    }

    /** Runs what is ready, and what becomes ready by that, without moving the clock. */
    public void runReady() {
        running = true;
        try {
            while (!ready.isEmpty()) {
                ready.remove().run();
            }
        } finally {
            running = false;
        }
    }

    /** Lets time pass, running each timer at its time. */
    public void advance(Duration duration) {
        long until = nowNanos + duration.toNanos();
        runReady();
        while (!timers.isEmpty() && timers.peek().atNanos() <= until) {
            fireNext();
        }
        nowNanos = until;
        runReady();
    }

    /** Moves the clock without running anything on the way, as a process that was stopped sees it. */
    public void stall(Duration duration) {
        nowNanos += duration.toNanos();
    }

    /** Runs, letting time pass as needed, until {@code done}; fails if nothing is left to run or an hour has passed. */
    public void runUntil(BooleanSupplier done) {
        long until = nowNanos + Duration.ofHours(1).toNanos();
        runReady();
        while (!done.getAsBoolean()) {
            if (timers.isEmpty() || timers.peek().atNanos() > until) {
                throw new AssertionError("nothing is left to run");
            }
            fireNext();
        }
    }

    /** The value of {@code future}, running until it is there; what it failed with is thrown. */
    public <T> T await(CompletableFuture<T> future) {
        runUntil(future::isDone);
        try {
            return future.join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw failed;
        }
    }

    private void fireNext() {
        Scheduled next = timers.remove();
        nowNanos = Math.max(nowNanos, next.atNanos());
        if (!next.cancelled()[0]) {
            ready.add(next.task());
        }
        runReady();
    }
}
