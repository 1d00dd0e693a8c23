package io.kafscale.it.ecosystem;

import static io.kafscale.it.client.Futures.get;
import static io.kafscale.it.client.Lookup.in;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.it.broker.BrokerUnderTest;
import io.kafscale.it.broker.OnEveryStorage;
import io.kafscale.it.client.Clients;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Kafka Streams, at least once, which is its default. */
@Tag("ecosystem")
@OnEveryStorage
class StreamsEcosystemIT {
    private static final List<String> VOCABULARY =
            List.of("log", "segment", "broker", "offset", "epoch", "flush", "seal");
    private static final int LINES = 500;

    private final BrokerUnderTest broker;
    private final Clients clients;
    private final WordCountApplication application;
    /** All records have this timestamp, so that they fall into one day. */
    private final Instant now = Instant.now();

    private final List<String> produced = new ArrayList<>();

    StreamsEcosystemIT(BrokerUnderTest broker) {
        this.broker = broker;
        this.clients = new Clients(broker);
        this.application = new WordCountApplication(broker, clients);
    }

    @Test
    void anInstanceWithoutStateGoesOnCountingFromTheChangelog() {
        // Given
        produceLines();
        try (var first = application.start()) {
            awaitCounts();
            first.stop();
        }
        // When
        try (var second = application.start()) {
            produceLines();
            // Then
            awaitCounts();
            assertThat(second.restored("counts")).isGreaterThanOrEqualTo(VOCABULARY.size());
            assertThat(second.restored("daily-counts")).isGreaterThanOrEqualTo(VOCABULARY.size());
            second.stop();
        }
        assertThat(config(application.internalTopic("counts-changelog"), "cleanup.policy"))
                .isEqualTo("compact");
        assertThat(config(application.internalTopic("daily-counts-changelog"), "cleanup.policy")
                        .split(","))
                .containsExactlyInAnyOrder("compact", "delete");
        assertThat(config(application.internalTopic("counts-repartition"), "retention.ms"))
                .isEqualTo("-1");
    }

    @Test
    void aBrokerThatIsKilledAndComesBackCostsNoCountAndDoublesNone() {
        // Given
        produceLines();
        try (var instance = application.start()) {
            awaitCounts();
            // When
            produceLines();
            broker.kill();
            broker.start();
            produceLines();
            // Then
            awaitCounts();
            instance.stop();
        }
    }

    private void produceLines() {
        long timestamp = now.toEpochMilli();
        try (var producer = clients.producer()) {
            for (int i = 0; i < LINES; i++) {
                String line = Stream.of(i, i / 2, i / 3)
                        .map(word -> VOCABULARY.get(word % VOCABULARY.size()))
                        .collect(Collectors.joining(" "));
                int partition = i % WordCountApplication.PARTITIONS;
                producer.send(new ProducerRecord<>(application.input(), partition, timestamp, null, line));
                produced.add(line);
            }
        }
    }

    private void awaitCounts() {
        Map<String, String> expected = produced.stream()
                .flatMap(line -> Stream.of(line.split(" ")))
                .collect(Collectors.groupingBy(
                        Function.identity(), Collectors.collectingAndThen(Collectors.counting(), String::valueOf)));
        try (var counts = Table.of(clients, application.counts(), WordCountApplication.PARTITIONS)) {
            counts.awaitRows(expected);
        }
        String day = "@" + now.truncatedTo(ChronoUnit.DAYS).toEpochMilli();
        Map<String, String> expectedToday =
                expected.entrySet().stream().collect(Collectors.toMap(row -> row.getKey() + day, Map.Entry::getValue));
        try (var dailyCounts = Table.of(clients, application.dailyCounts(), WordCountApplication.PARTITIONS)) {
            dailyCounts.awaitRows(expectedToday);
        }
    }

    private String config(String topic, String name) {
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        try (var admin = clients.admin()) {
            var configs = get(admin.describeConfigs(List.of(resource)).all());
            return in(configs, resource).get(name).value();
        }
    }
}
