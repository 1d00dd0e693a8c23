package io.kafscale.testkit.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SignalTest {
    @Test
    void aStoppedProcessGoesOnWhenItIsTold() throws IOException {
        // Given
        Process cat = new ProcessBuilder("cat").start();
        try (Writer in = cat.outputWriter();
                BufferedReader out = cat.inputReader()) {
            Signal.STOP.sendTo(cat.pid());
            while (!stateOf(cat).equals("T")) {
                Thread.onSpinWait(); // a signal takes a moment
            }
            // When
            Signal.CONTINUE.sendTo(cat.pid());
            // Then
            in.write("hello\n");
            in.flush();
            assertThat(out.readLine()).isEqualTo("hello");
        } finally {
            cat.destroyForcibly();
        }
    }

    @Test
    void aProcessThatIsNotThereIsAnError() throws Exception {
        // Given
        Process gone = new ProcessBuilder("true").start();
        gone.waitFor();
        // Then
        assertThatThrownBy(() -> Signal.STOP.sendTo(gone.pid())).isInstanceOf(IllegalStateException.class);
    }

    /** The third word of /proc/PID/stat, behind the name in parentheses. */
    private static String stateOf(Process process) throws IOException {
        String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
        return stat.substring(stat.lastIndexOf(')') + 2).substring(0, 1);
    }
}
