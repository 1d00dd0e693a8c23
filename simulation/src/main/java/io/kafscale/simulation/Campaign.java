package io.kafscale.simulation;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;

/**
 * Many histories, of one seed after the other, several at a time and each on one thread. Results come in the order of the seeds.
 * Used and closed by one thread.
 */
final class Campaign implements AutoCloseable {
    private final ExecutorService workers;
    private final Deque<Future<HistoryResult>> running = new ArrayDeque<>();
    private final BooleanSupplier wanted;
    private final int window;
    private long nextSeed;

    /**
     * Begins.
     *
     * @param wanted asked before each history whether it is to begin
     */
    Campaign(long firstSeed, int threads, BooleanSupplier wanted) {
        this.workers = Executors.newFixedThreadPool(
                threads, task -> Thread.ofPlatform().name("history").daemon().unstarted(task));
        this.wanted = wanted;
        this.window = 2 * threads;
        this.nextSeed = firstSeed;
        fill();
    }

    private void fill() {
        while (running.size() < window && wanted.getAsBoolean()) {
            long seed = nextSeed++;
            running.add(workers.submit(() -> new History(seed, 0).run()));
        }
    }

    /** Whether there is another result, now or later. */
    boolean hasNext() {
        return !running.isEmpty();
    }

    /** The next result, when it is there. */
    HistoryResult next() throws InterruptedException, ExecutionException {
        HistoryResult result = running.remove().get();
        fill();
        return result;
    }

    /** Stops everything. */
    @Override
    public void close() {
        workers.shutdownNow();
    }
}
