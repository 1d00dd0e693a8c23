package io.kafscale.it.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.it.broker.BrokerUnderTest;
import io.kafscale.it.broker.OnEveryStorage;
import io.kafscale.it.client.Clients;
import io.kafscale.it.process.CapturedOutput;
import io.kafscale.it.process.ChildProcess;
import io.kafscale.it.process.Directories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

/** The command-line tools that come with Apache Kafka. */
@OnEveryStorage
class KafkaToolsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final BrokerUnderTest broker;
    private final Clients clients;

    KafkaToolsIT(BrokerUnderTest broker) {
        this.broker = broker;
        this.clients = new Clients(broker);
    }

    @Test
    void topicsAreCreatedListedDescribedAlteredAndDeleted() {
        // Given
        String topic = Clients.unique("tool");
        // When / Then
        KafkaTool.TOPICS.run(
                broker, "--create", "--topic", topic, "--partitions", "2", "--config", "retention.ms=86400000");
        assertThat(KafkaTool.TOPICS.run(broker, "--list").lines()).contains(topic);
        assertThat(KafkaTool.TOPICS.run(broker, "--describe", "--topic", topic).text())
                .contains(
                        "PartitionCount: 2",
                        "ReplicationFactor: 1",
                        "retention.ms=86400000",
                        "Partition: 1\tLeader: 1");
        KafkaTool.TOPICS.run(broker, "--alter", "--topic", topic, "--partitions", "3");
        assertThat(KafkaTool.TOPICS.run(broker, "--describe", "--topic", topic).text())
                .contains("PartitionCount: 3");
        KafkaTool.TOPICS.run(broker, "--delete", "--topic", topic);
        assertThat(KafkaTool.TOPICS.run(broker, "--list").lines()).doesNotContain(topic);
    }

    @Test
    void configsAreAlteredAndDescribed() {
        // Given
        String topic = clients.topic(1);
        String[] describe = {"--describe", "--topic", topic};
        // When
        KafkaTool.CONFIGS.run(broker, "--alter", "--topic", topic, "--add-config", "retention.ms=1234567");
        // Then
        assertThat(KafkaTool.CONFIGS.run(broker, describe).text()).contains("retention.ms=1234567");
        // When
        KafkaTool.CONFIGS.run(broker, "--alter", "--topic", topic, "--delete-config", "retention.ms");
        // Then
        assertThat(KafkaTool.CONFIGS.run(broker, describe).text()).doesNotContain("retention.ms");
        assertThat(KafkaTool.CONFIGS
                        .run(broker, "--describe", "--broker", "1", "--all")
                        .text())
                .contains("num.partitions=1");
    }

    @Test
    void theConsoleConsumerPrintsWhatTheConsoleProducerWasTold() {
        // Given
        String topic = clients.topic(1);
        List<String> lines =
                IntStream.range(0, 50).mapToObj(i -> "k" + i + "=v" + i).toList();
        // When
        KafkaTool.CONSOLE_PRODUCER.runWithInput(
                lines,
                broker,
                "--topic",
                topic,
                "--reader-property",
                "parse.key=true",
                "--reader-property",
                "key.separator==");
        CapturedOutput consumed = KafkaTool.CONSOLE_CONSUMER.run(
                broker,
                "--topic",
                topic,
                "--from-beginning",
                "--max-messages",
                "50",
                "--formatter-property",
                "print.key=true",
                "--formatter-property",
                "key.separator==");
        // Then
        assertThat(consumed.lines()).isEqualTo(lines);
    }

    @Test
    void aGroupIsDescribedResetAndDeleted() {
        // Given
        String topic = givenRecords(100);
        String group = Clients.unique("group");
        KafkaTool.CONSOLE_CONSUMER.run(
                broker, "--topic", topic, "--group", group, "--from-beginning", "--max-messages", "100");
        // When / Then
        assertThat(KafkaTool.CONSUMER_GROUPS.run(broker, "--list").lines()).contains(group);
        assertThat(KafkaTool.GROUPS.run(broker, "--list").text()).contains(group);
        assertThat(describedOffsets(group, topic)).startsWith(group, topic, "0", "100", "100", "0");
        KafkaTool.CONSUMER_GROUPS.run(
                broker, "--group", group, "--topic", topic, "--reset-offsets", "--to-offset", "40", "--execute");
        assertThat(describedOffsets(group, topic)).startsWith(group, topic, "0", "40", "100", "60");
        KafkaTool.CONSUMER_GROUPS.run(
                broker, "--group", group, "--topic", topic, "--reset-offsets", "--to-earliest", "--execute");
        assertThat(describedOffsets(group, topic)).startsWith(group, topic, "0", "0", "100", "100");
        assertThat(KafkaTool.CONSUMER_GROUPS
                        .run(broker, "--describe", "--group", group, "--state")
                        .text())
                .contains("Empty");
        KafkaTool.CONSUMER_GROUPS.run(broker, "--delete", "--group", group);
        assertThat(KafkaTool.CONSUMER_GROUPS.run(broker, "--list").lines()).doesNotContain(group);
    }

    @Test
    void offsetsAreListedAndRecordsDeleted() throws IOException {
        // Given
        String topic = givenRecords(30);
        Path directory = Directories.newData("instructions");
        Path instructions = directory.resolve("delete.json");
        Files.writeString(
                instructions,
                "{\"version\":1,\"partitions\":[{\"topic\":\"" + topic + "\",\"partition\":0,\"offset\":10}]}");
        // When
        CapturedOutput deleted = KafkaTool.DELETE_RECORDS.run(broker, "--offset-json-file", instructions.toString());
        // Then
        assertThat(deleted.text()).contains("low_watermark: 10");
        assertThat(offsets(topic, "earliest")).containsExactly(topic + ":0:10");
        assertThat(offsets(topic, "latest")).containsExactly(topic + ":0:30");
        assertThat(offsets(topic, "max-timestamp")).hasSize(1);
        Directories.delete(directory);
    }

    @Test
    void aReassignmentIsExecutedAndRolledBackWithWhatItSaved() throws IOException {
        // Given
        String topic = clients.topic(1);
        Path directory = Directories.newData("reassignment");
        Path plan = directory.resolve("plan.json");
        Files.writeString(
                plan,
                "{\"version\":1,\"partitions\":[{\"topic\":\"" + topic + "\",\"partition\":0,\"replicas\":[1]}]}");
        // When
        CapturedOutput executed =
                KafkaTool.REASSIGN_PARTITIONS.run(broker, "--reassignment-json-file", plan.toString(), "--execute");
        // Then
        assertThat(executed.text()).contains("Successfully started partition reassignment for " + topic + "-0");
        // When
        String saved = executed.lines().stream()
                .filter(line -> line.startsWith("{"))
                .findFirst()
                .orElseThrow();
        assertThat(saved).contains("log_dirs");
        Files.writeString(plan, saved);
        CapturedOutput back =
                KafkaTool.REASSIGN_PARTITIONS.run(broker, "--reassignment-json-file", plan.toString(), "--execute");
        // Then
        assertThat(back.text()).contains("Successfully started partition reassignment for " + topic + "-0");
        assertThat(KafkaTool.REASSIGN_PARTITIONS
                        .run(broker, "--reassignment-json-file", plan.toString(), "--verify")
                        .text())
                .contains("Reassignment of partition " + topic + "-0 is completed.");
        Directories.delete(directory);
    }

    @Test
    void theVerifiableToolsAgree() {
        // Given
        String topic = clients.topic(1);
        // When
        CapturedOutput produced = KafkaTool.VERIFIABLE_PRODUCER.run(broker, "--topic", topic, "--max-messages", "500");
        try (ChildProcess consumer = KafkaTool.VERIFIABLE_CONSUMER.start(
                broker,
                "--topic",
                topic,
                "--group-id",
                Clients.unique("group"),
                "--max-messages",
                "500",
                "--reset-policy",
                "earliest",
                "--verbose")) {
            // Then
            assertThat(produced.text()).contains("\"sent\":500,\"acked\":500");
            consumer.output().awaitLines(500, PATIENCE, line -> line.contains("\"name\":\"record_data\""));
            consumer.awaitSuccess(PATIENCE);
        }
    }

    @Test
    void thePerformanceToolsRun() {
        // Given
        String topic = clients.topic(3);
        // When
        CapturedOutput produced = KafkaTool.PRODUCER_PERFORMANCE.run(
                broker, "--topic", topic, "--num-records", "20000", "--record-size", "100", "--throughput", "-1");
        CapturedOutput consumed = KafkaTool.CONSUMER_PERFORMANCE.run(
                broker, "--topic", topic, "--num-records", "20000", "--timeout", "60000");
        // Then
        assertThat(produced.lines().getLast()).startsWith("20000 records sent");
        assertThat(consumed.lines().getLast().split(", ")[4]).isEqualTo("20000");
    }

    @Test
    void theBrokersDirectoriesAndApiVersionsAreDescribed() {
        // Given
        String topic = givenRecords(5);
        // When / Then
        assertThat(KafkaTool.LOG_DIRS
                        .run(broker, "--describe", "--topic-list", topic)
                        .text())
                .contains("\"partition\":\"" + topic + "-0\"");
        assertThat(KafkaTool.API_VERSIONS.run(broker).text()).contains("Produce(0):", "ConsumerGroupHeartbeat(68):");
    }

    private List<String> offsets(String topic, String when) {
        return KafkaTool.GET_OFFSETS
                .run(broker, "--topic", topic, "--time", when)
                .lines();
    }

    private String[] describedOffsets(String group, String topic) {
        return KafkaTool.CONSUMER_GROUPS.run(broker, "--describe", "--group", group, "--offsets").lines().stream()
                .filter(line -> line.contains(topic))
                .findFirst()
                .orElseThrow()
                .trim()
                .split("\\s+");
    }

    private String givenRecords(int count) {
        String topic = clients.topic(1);
        try (var producer = clients.producer()) {
            for (int i = 0; i < count; i++) {
                producer.send(new ProducerRecord<>(topic, "value " + i));
            }
        }
        return topic;
    }
}
