package io.kafscale.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TerminationSignalsTest {
    private final LinkedBlockingQueue<String> received = new LinkedBlockingQueue<>();

    /** SIGTERM, which nothing ignores: not SIGHUP, as under nohup, nor SIGINT, as in the background of a shell. */
    @Test
    void eachSignalArrivesAndTheProcessGoesOn() throws Exception {
        try (var _ = TerminationSignals.handle(() -> received.add("signal"))) {
            send("TERM");
            assertThat(received.poll(20, TimeUnit.SECONDS)).isEqualTo("signal");
            send("TERM");
            assertThat(received.poll(20, TimeUnit.SECONDS)).isEqualTo("signal");
        }
    }

    private static void send(String signal) throws Exception {
        var kill = new ProcessBuilder(
                        "kill",
                        "-" + signal,
                        Long.toString(ProcessHandle.current().pid()))
                .inheritIO()
                .start();
        assertThat(kill.waitFor()).isZero();
    }
}
