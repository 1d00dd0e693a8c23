package io.kafscale.app.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets Ctrl-C and SIGTERM end a command in good order: when the process is told to stop, {@code onStop} runs on a thread of its own,
 * and the process waits until this is closed, as long as its patience lasts. Opened and closed by the main thread.
 */
public final class StopSignal implements AutoCloseable {
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Duration patience;
    private final Thread hook;

    /** Starts to listen. */
    public StopSignal(Duration patience, Runnable onStop) {
        this.patience = patience;
        hook = Thread.ofPlatform().name("stop-signal").unstarted(() -> {
            onStop.run();
            awaitClose();
        });
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void awaitClose() {
        try {
            if (!closed.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                System.err.println("Stopped after waiting " + patience.toSeconds() + " s in vain.");
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
