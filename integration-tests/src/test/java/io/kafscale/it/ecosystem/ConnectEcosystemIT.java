package io.kafscale.it.ecosystem;

import static io.kafscale.it.client.Futures.get;
import static io.kafscale.it.client.Lookup.in;
import static io.kafscale.it.client.Polling.everything;
import static io.kafscale.it.client.Polling.partitions;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.it.broker.BrokerUnderTest;
import io.kafscale.it.broker.OnEveryStorage;
import io.kafscale.it.client.Clients;
import io.kafscale.it.process.Directories;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Kafka Connect: a connector writes the lines of a file to a topic, another the records of the topic to a second file. */
@Tag("ecosystem")
@OnEveryStorage
class ConnectEcosystemIT {
    private static final int BATCH = 100;

    private final BrokerUnderTest broker;
    private final Clients clients;
    private final Path directory = Directories.newData("connect");
    private final TextFile input = new TextFile(directory, "input");
    private final TextFile output = new TextFile(directory, "output");
    private final String source = Clients.unique("source");
    private final String sink = Clients.unique("sink");
    private final String topic;

    ConnectEcosystemIT(BrokerUnderTest broker) {
        this.broker = broker;
        this.clients = new Clients(broker);
        this.topic = clients.topic(1);
    }

    @AfterEach
    void deleteFiles() {
        Directories.delete(directory);
    }

    @Test
    void aStandaloneWorkerGoesOnWhereItWasStopped() {
        var connectors = Map.of(source, sourceConfig(), sink, sinkConfig());
        try (var worker = ConnectWorker.standalone(broker, directory, connectors)) {
            // Given
            worker.start();
            awaitBatches(1);
            worker.stop();
            // When
            worker.start();
            // Then
            awaitBatches(2);
            worker.stop();
        }
        assertThat(output.lines()).isEqualTo(lines(2));
        assertThat(recordsOfTopic()).isEqualTo(lines(2));
    }

    @Test
    void aDistributedWorkerKeepsConnectorsAndOffsetsInTopics() {
        String cluster = Clients.unique("connect");
        try (var worker = ConnectWorker.distributed(broker, directory, cluster)) {
            // Given
            worker.start();
            worker.rest().configure(source, sourceConfig());
            worker.rest().configure(sink, sinkConfig());
            awaitBatches(1);
            worker.stop();
            // When
            worker.start();
            // Then
            awaitBatches(2);
            assertThat(worker.rest().get("/connectors/" + source + "/status")).contains("\"state\":\"RUNNING\"");
            assertThat(worker.rest().get("/connectors/" + sink + "/status")).contains("\"state\":\"RUNNING\"");
            worker.stop();
        }
        assertThat(output.lines()).isEqualTo(lines(2));
        assertThat(recordsOfTopic()).isEqualTo(lines(2));
        assertThat(Stream.of("config", "offset", "status").map(kept -> cleanupPolicy(cluster + "-" + kept)))
                .containsOnly("compact");
    }

    @Test
    void offsetsAreReadAndResetThroughTheRestInterface() {
        try (var worker = ConnectWorker.distributed(broker, directory, Clients.unique("connect"))) {
            // Given
            worker.start();
            ConnectRest rest = worker.rest();
            rest.configure(source, sourceConfig());
            rest.configure(sink, sinkConfig());
            awaitBatches(1);
            // When
            rest.put("/connectors/" + sink + "/stop");
            rest.await(
                    "/connectors/" + sink + "/status",
                    status -> status.contains("\"connector\":{\"state\":\"STOPPED\""));
            String committed = rest.get("/connectors/" + sink + "/offsets");
            rest.delete("/connectors/" + sink + "/offsets");
            String reset = rest.get("/connectors/" + sink + "/offsets");
            rest.put("/connectors/" + sink + "/resume");
            // Then
            assertThat(committed).contains("\"kafka_offset\":" + BATCH);
            assertThat(reset).isEqualTo("{\"offsets\":[]}");
            output.awaitLines(
                    Stream.concat(lines(1).stream(), lines(1).stream()).toList());
            rest.delete("/connectors/" + source);
            rest.delete("/connectors/" + sink);
            rest.await("/connectors", "[]"::equals);
            worker.stop();
        }
    }

    /** Writes the last of {@code batches} batches of lines, and waits until all of them have gone through once and in order. */
    private void awaitBatches(int batches) {
        List<String> all = lines(batches);
        input.append(all.subList((batches - 1) * BATCH, batches * BATCH));
        output.awaitLines(all);
    }

    private static List<String> lines(int batches) {
        return IntStream.range(0, batches * BATCH)
                .mapToObj(number -> "line " + number)
                .toList();
    }

    private Map<String, String> sourceConfig() {
        return Map.of(
                "connector.class", "FileStreamSource", "file", input.path().toString(), "topic", topic);
    }

    private Map<String, String> sinkConfig() {
        return Map.of("connector.class", "FileStreamSink", "file", output.path().toString(), "topics", topic);
    }

    /** What the converter has made of lines, without what it says about their type. */
    private List<String> recordsOfTopic() {
        try (var consumer = clients.reader()) {
            return everything(consumer, partitions(topic, 1)).stream()
                    .map(ConsumerRecord::value)
                    .map(value -> value.replaceAll(".*\"payload\":\"(.*)\"}", "$1"))
                    .toList();
        }
    }

    private String cleanupPolicy(String internalTopic) {
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, internalTopic);
        try (var admin = clients.admin()) {
            var configs = get(admin.describeConfigs(List.of(resource)).all());
            return in(configs, resource).get("cleanup.policy").value();
        }
    }
}
