package io.kafscale.app.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.app.settings.KafscaleSettings;
import io.kafscale.app.settings.SettingsReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokerNodeTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    @Test
    void aBrokerWhoseMetadataCannotBeWrittenAnyMoreStops() {
        // Given
        try (RunningNode node = new BrokerNodeStarter().start(settings())) {
            assertThat(node.stopped()).isNotDone();
            // When
            breakTheJournal();
            // Then
            assertThat(node.stopped())
                    .failsWithin(LIMIT)
                    .withThrowableThat()
                    .withMessageContaining("the metadata journal cannot be written");
        }
    }

    /** An interrupted write is a failed one: nobody knows what of it is on the disk. */
    private static void breakTheJournal() {
        Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("metadata-journal"))
                .forEach(Thread::interrupt);
    }

    private KafscaleSettings settings() {
        List<String> assignments = List.of(
                "listen=127.0.0.1:0",
                "storage.uri=file://" + directory.resolve("objects"),
                "metadata.uri=file://" + directory.resolve("metadata"));
        return SettingsReader.read(Optional.empty(), Map.of(), assignments).typed();
    }
}
