package io.kafscale.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A seed is a history, the same one every time: without that no failure could be looked at twice. */
class DeterminismTest {
    private static final int WHOLE_TRACE = 1_000_000;

    @Test
    void aSeedIsTheSameHistoryEachTimeWhetherSomebodyLooksOrNot() {
        LongStream.rangeClosed(501, 520).forEach(seed -> {
            // When
            HistoryResult once = new History(seed, 0).run();
            HistoryResult again = new History(seed, WHOLE_TRACE).run();
            // Then
            assertThat(again.traceHash()).as("trace of seed %d", seed).isEqualTo(once.traceHash());
            assertThat(again.events()).as("steps of seed %d", seed).isEqualTo(once.events());
            assertThat(again.requests()).as("requests of seed %d", seed).isEqualTo(once.requests());
        });
    }

    @Test
    void aSeedIsTheSameHistoryInAnotherProcess(@TempDir Path directory) throws Exception {
        // Given
        long seed = 521;
        String hash = Long.toHexString(new History(seed, 0).run().traceHash());
        // When
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        SimulationMain.class.getName(),
                        "--seed",
                        String.valueOf(seed),
                        "--traces",
                        directory.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        boolean ended = process.waitFor(1, TimeUnit.MINUTES);
        // Then
        assertThat(ended).isTrue();
        assertThat(output).contains("hash " + hash);
        assertThat(process.exitValue()).isZero();
        assertThat(directory.resolve("seed-" + seed + ".txt")).exists();
    }

    @Test
    void differentSeedsAreDifferentHistories() {
        var hashes = LongStream.rangeClosed(531, 540)
                .map(seed -> new History(seed, 0).run().traceHash())
                .distinct();
        assertThat(hashes.count()).isEqualTo(10);
    }
}
