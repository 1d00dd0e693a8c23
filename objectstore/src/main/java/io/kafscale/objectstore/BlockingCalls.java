package io.kafscale.objectstore;

import io.kafscale.objectstore.StorageException.Kind;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * How a store whose transport blocks serves the asynchronous port: a bounded number of calls at a time, each on a thread of its own,
 * the others waiting in order of arrival. Virtual threads are for sockets; calls to files hold on to the thread below a virtual one, and
 * the scheduler's making up for it costs as much as the call, so they are made on platform threads. Thread-safe. Who submits must bound what waits, by the bytes it pins.
 */
public final class BlockingCalls implements AutoCloseable {
    /**
     * One call.
     *
     * @param key the object it is about, for messages
     * @param work blocks and gives the value
     * @param failure turns whatever {@code work} threw into the port's exception
     * @param atEnd runs once when the work is over or will never start, before the future completes
     */
    public record Call<T>(
            String key, Callable<T> work, Function<Throwable, StorageException> failure, Runnable atEnd) {}

    private static final Duration IDLE = Duration.ofSeconds(30);

    private final int maxConcurrent;
    private final Semaphore bound;
    private final ExecutorService threads;
    private volatile boolean refusing;

    private BlockingCalls(int maxConcurrent, ExecutorService threads) {
        this.maxConcurrent = maxConcurrent;
        this.bound = new Semaphore(maxConcurrent, true);
        this.threads = threads;
    }

    /**
     * A lane for calls that block on sockets: a virtual thread for each.
     *
     * @param name the beginning of its threads' names
     * @param maxConcurrent how many calls run at a time
     */
    public static BlockingCalls onVirtualThreads(String name, int maxConcurrent) {
        return new BlockingCalls(
                maxConcurrent,
                Executors.newThreadPerTaskExecutor(
                        Thread.ofVirtual().name(name + "-", 0).factory()));
    }

    /**
     * A lane for calls that block on files: up to {@code maxConcurrent} daemon threads, which end when they have had nothing to do
     * for a while.
     *
     * @param name the beginning of its threads' names
     * @param maxConcurrent how many calls run at a time
     */
    public static BlockingCalls onPlatformThreads(String name, int maxConcurrent) {
        var threads = new ThreadPoolExecutor(
                maxConcurrent,
                maxConcurrent,
                IDLE.toSeconds(),
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().name(name + "-", 0).daemon().factory());
        threads.allowCoreThreadTimeOut(true);
        return new BlockingCalls(maxConcurrent, threads);
    }

    /** Runs {@code call} when its turn comes. The future completes on the call's thread and fails as the call says, or as closed. */
    public <T> CompletableFuture<T> submit(Call<T> call) {
        var result = new CompletableFuture<T>();
        try {
            threads.execute(() -> run(call, result));
        } catch (RejectedExecutionException shutDown) {
            call.atEnd.run();
            result.completeExceptionally(closed(call.key));
        }
        return result;
    }

    private <T> void run(Call<T> call, CompletableFuture<T> result) {
        bound.acquireUninterruptibly();
        T value;
        try {
            if (refusing) {
                throw closed(call.key);
            }
            value = call.work.call();
        } catch (Throwable failure) {
            end(call);
            result.completeExceptionally(failure instanceof StorageException ours ? ours : call.failure.apply(failure));
            return;
        }
        end(call);
        result.complete(value);
    }

    private void end(Call<?> call) {
        try {
            call.atEnd.run();
        } finally {
            bound.release();
        }
    }

    private static StorageException closed(String key) {
        return new StorageException(Kind.CLOSED, key, "the store is closed");
    }

    /** From now on calls that have not started fail as closed; those under way go on. */
    public void refuse() {
        refusing = true;
    }

    /** Whether {@link #refuse()} or {@link #close()} was called. */
    public boolean refusing() {
        return refusing;
    }

    /**
     * Refuses calls and waits until those under way are over, their ends included. Must not be called from a call's work or end;
     * from what follows its future it may.
     */
    @Override
    public void close() {
        refuse();
        bound.acquireUninterruptibly(maxConcurrent);
        bound.release(maxConcurrent);
        threads.shutdown();
    }
}
