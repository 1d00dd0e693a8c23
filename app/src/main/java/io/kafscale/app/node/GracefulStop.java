package io.kafscale.app.node;

import io.kafscale.app.cli.Progress;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Stops a broker when it is told to: the first time in good order, with everything handed over to the others; the second time, or
 * when that takes too long, at once. Requests come from any thread; opened and closed by the main thread.
 */
final class GracefulStop implements AutoCloseable {
    private static final Duration LINES_APART = Duration.ofSeconds(2);

    private final RunningNode node;
    private final Duration limit;
    private final PrintWriter err;
    private final Runnable abort;
    private final AtomicBoolean requested = new AtomicBoolean();
    private final AtomicBoolean aborted = new AtomicBoolean();
    private final CountDownLatch closed = new CountDownLatch(1);

    /**
     * Nothing is asked yet.
     *
     * @param limit how long a stop in good order may take
     * @param err progress goes there, and why a stop was cut short
     * @param abort ends the process at once
     */
    GracefulStop(RunningNode node, Duration limit, PrintWriter err, Runnable abort) {
        this.node = node;
        this.limit = limit;
        this.err = err;
        this.abort = abort;
    }

    /** Somebody wants the broker to stop. */
    void request() {
        if (requested.compareAndSet(false, true)) {
            Thread.ofPlatform().name("stop").daemon().start(this::stop);
            Thread.ofVirtual().name("stop-limit").start(this::watch);
        } else {
            abort("a second request to stop came");
        }
    }

    private void stop() {
        try (var _ = Progress.besideLog(err, () -> "stopping: handing over " + node.remaining(), LINES_APART)) {
            node.handOver().get();
        } catch (ExecutionException failed) {
            err.println("Not everything was handed over: " + failed.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        node.close();
    }

    private void watch() {
        try {
            if (!closed.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                abort("it took longer than " + limit.toSeconds() + " s (shutdown.timeout)");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void abort(String why) {
        if (aborted.compareAndSet(false, true)) {
            err.println(
                    "Stopped at once, since " + why + ": " + node.remaining()
                            + " not handed over. Nothing acknowledged is lost; the next start, or the other brokers, take over.");
            err.flush();
            abort.run();
        }
    }

    /** The broker has stopped. */
    @Override
    public void close() {
        closed.countDown();
    }
}
