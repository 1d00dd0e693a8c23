package io.kafscale.app.client;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets Ctrl-C and SIGTERM end a command in good order: when the process is told to stop, {@code onStop} runs on a thread of its own,
 * and the process waits until this is closed, or five seconds. Opened and closed by the main thread.
 */
final class StopSignal implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread hook;

    /** Starts to listen. */
    StopSignal(Runnable onStop) {
        hook = Thread.ofPlatform().name("stop-signal").unstarted(() -> {
            onStop.run();
            awaitClose();
        });
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void awaitClose() {
        try {
            if (!closed.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                System.err.println("Stopped without waiting any longer for the broker.");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        if (!hook.isAlive()) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException stopping) {
                return; // the process is on its way out, and the hook with it
            }
        }
    }
}
