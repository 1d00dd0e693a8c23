package io.kafscale.testkit.process;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Signals that Java's {@link Process} cannot send. */
public enum Signal {
    /** Stops a process where it is: its connections stay open, and it does nothing. */
    STOP("-STOP"),
    /** Lets a stopped process go on. */
    CONTINUE("-CONT");

    private final String option;

    Signal(String option) {
        this.option = option;
    }

    /** Sends the signal, which takes effect within moments. */
    public void sendTo(long pid) {
        try {
            int code = new ProcessBuilder("kill", option, Long.toString(pid))
                    .inheritIO()
                    .start()
                    .waitFor();
            if (code != 0) {
                throw new IllegalStateException("kill " + option + " " + pid + " ended with " + code);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException("kill cannot be run", failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", interrupted);
        }
    }
}
