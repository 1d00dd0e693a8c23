package io.kafscale.runtime;

import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * Runs tasks one at a time, in the order they were handed over: state touched by one loop only needs no lock. {@link #execute}
 * and {@link #schedule} may be called from any thread; tasks run on the loop. A task that throws is reported by the
 * implementation and does not stop the loop.
 */
public interface EventLoop extends Executor {
    /** Queues {@code task}; never runs it inline. */
    @Override
    void execute(Runnable task);

    /** As {@link #execute}, for a task of those that the loop may {@linkplain #expect expect} more of before it looks at any. */
    default void executeExpected(Runnable task) {
        execute(task);
    }

    /**
     * So many tasks are about to come through {@link #executeExpected}, and nothing is gained by beginning with the first of them: a
     * loop that sleeps may go on sleeping until they all have come, but not longer than {@code most}. Takes the place of what was
     * expected before. Called on the loop.
     */
    default void expect(int tasks, Duration most) {
        // Waking up for each is right, too.
    }

    /**
     * Runs {@code task} on the loop once {@code delay} has passed on {@link #time()}'s monotonic clock.
     *
     * @return a handle that cancels the task if it has not started
     */
    Timer schedule(Duration delay, Runnable task);

    /** Whether the caller runs on this loop. */
    boolean inLoop();

    /** The clock this loop's timers follow. */
    TimeSource time();

    /** A scheduled task. */
    interface Timer {
        /** Cancels the task if it has not started; callable from any thread, any number of times. */
        void cancel();
    }
}
