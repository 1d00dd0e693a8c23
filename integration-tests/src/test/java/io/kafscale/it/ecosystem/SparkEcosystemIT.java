package io.kafscale.it.ecosystem;

import static io.kafscale.it.client.Polling.everything;
import static io.kafscale.it.client.Polling.partitions;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.it.broker.BrokerUnderTest;
import io.kafscale.it.broker.OnEveryStorage;
import io.kafscale.it.client.Clients;
import io.kafscale.it.process.Directories;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Spark's structured streaming with its source and sink for Kafka. */
@Tag("ecosystem")
@OnEveryStorage
class SparkEcosystemIT {
    private static final int PARTITIONS = 3;
    private static final int BATCH = 600;
    private static final int DISTINCT = 20;

    private final BrokerUnderTest broker;
    private final Clients clients;

    SparkEcosystemIT(BrokerUnderTest broker) {
        this.broker = broker;
        this.clients = new Clients(broker);
    }

    @Test
    void aJobGoesOnFromItsCheckpointAfterTheDeathOfTheBroker() {
        Path directory = Directories.newData("spark");
        String input = clients.topic(PARTITIONS);
        String output = clients.topic(PARTITIONS);
        // Given
        produce(input);
        SparkJob.count(broker, input, output, directory);
        awaitCounts(output, BATCH / DISTINCT);
        // When
        produce(input);
        broker.kill();
        broker.start();
        SparkJob.count(broker, input, output, directory);
        // Then
        awaitCounts(output, 2 * BATCH / DISTINCT);
        try (var consumer = clients.reader()) {
            assertThat(everything(consumer, partitions(output, PARTITIONS))).hasSize(2 * DISTINCT);
        }
        Directories.delete(directory);
    }

    private void produce(String topic) {
        try (var producer = clients.producer()) {
            for (int i = 0; i < BATCH; i++) {
                producer.send(new ProducerRecord<>(topic, i % PARTITIONS, null, "value " + i % DISTINCT));
            }
        }
    }

    /** Waits until each value has been counted so often. */
    private void awaitCounts(String topic, int count) {
        Map<String, String> expected = IntStream.range(0, DISTINCT)
                .boxed()
                .collect(Collectors.toMap(value -> "value " + value, value -> Integer.toString(count)));
        try (var counts = Table.of(clients, topic, PARTITIONS)) {
            counts.awaitRows(expected);
        }
    }
}
