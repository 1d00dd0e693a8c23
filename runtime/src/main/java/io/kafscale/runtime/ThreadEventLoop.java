package io.kafscale.runtime;

import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/**
 * The production {@link EventLoop}: one platform daemon thread. Thread-safe. After {@link #close()} further tasks are refused with
 * {@link java.util.concurrent.RejectedExecutionException}.
 */
public final class ThreadEventLoop implements EventLoop, AutoCloseable {
    private final ScheduledThreadPoolExecutor executor;
    private final BiConsumer<String, Throwable> onFailure;
    private final String name;
    private volatile Thread thread;

    /**
     * Starts the loop.
     *
     * @param name the thread's name
     * @param onFailure told the loop's name and what a task threw, on the loop
     */
    public ThreadEventLoop(String name, BiConsumer<String, Throwable> onFailure) {
        this.name = name;
        this.onFailure = onFailure;
        thread = Thread.currentThread();
        executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread t = Thread.ofPlatform().name(name).daemon().unstarted(task);
            thread = t;
            return t;
        });
        executor.setRemoveOnCancelPolicy(true);
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        executor.prestartCoreThread();
    }

    @Override
    public void execute(Runnable task) {
        executor.execute(guarded(task));
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        var future = executor.schedule(guarded(task), Math.max(0, delay.toNanos()), TimeUnit.NANOSECONDS);
        return () -> future.cancel(false);
    }

    private Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (Throwable failure) {
                onFailure.accept(name, failure);
            }
        };
    }

    @Override
    public boolean inLoop() {
        return Thread.currentThread().equals(thread);
    }

    @Override
    public TimeSource time() {
        return TimeSource.system();
    }

    /** Runs what is queued, drops what is only scheduled, and waits up to ten seconds for the thread to end. */
    @Override
    public void close() {
        executor.shutdown();
        if (inLoop()) {
            return;
        }
        try {
            if (!executor.awaitTermination(10, TimeUnit.SECONDS)) {
                executor.shutdownNow();
            }
        } catch (InterruptedException interrupted) {
            executor.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
