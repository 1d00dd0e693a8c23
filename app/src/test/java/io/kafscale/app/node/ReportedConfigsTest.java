package io.kafscale.app.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.app.settings.SettingsReader;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReportedConfigsTest {
    @Test
    void settingsAreReportedUnderTheNamesThatKafkaGivesThem() {
        var settings = SettingsReader.read(
                        Optional.empty(), Map.of(), List.of("num.partitions=7", "node.id=3", "broker.rack=zone-a"))
                .typed();

        Map<String, String> reported = ReportedConfigs.of(settings, "0.0.0.0:9092", "broker-3:9092");

        assertThat(reported)
                .containsEntry("node.id", "3")
                .containsEntry("broker.rack", "zone-a")
                .containsEntry("num.partitions", "7")
                .containsEntry("auto.create.topics.enable", "true")
                .containsEntry("listeners", "PLAINTEXT://0.0.0.0:9092")
                .containsEntry("advertised.listeners", "PLAINTEXT://broker-3:9092")
                .containsEntry("connections.max.idle.ms", "600000");
    }
}
