package io.kafscale.it.ecosystem;

import static io.kafscale.it.client.Futures.get;
import static io.kafscale.it.client.Polling.everything;
import static io.kafscale.it.client.Polling.partitions;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.it.broker.BrokerUnderTest;
import io.kafscale.it.broker.OnEveryStorage;
import io.kafscale.it.client.Clients;
import io.kafscale.it.process.Directories;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Flink with its connector for Kafka: committed offsets, checkpoints, and a sink that delivers at least once. */
@Tag("ecosystem")
@OnEveryStorage
class FlinkEcosystemIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Duration ONE_POLL = Duration.ofMillis(200);
    private static final int PARTITIONS = 3;
    private static final int BATCH = 300;
    private static final int DISTINCT = 20;

    private final BrokerUnderTest broker;
    private final Clients clients;
    private final String input;
    private final String output;
    private final String group = Clients.unique("flink");
    private final List<String> produced = new ArrayList<>();

    FlinkEcosystemIT(BrokerUnderTest broker) {
        this.broker = broker;
        this.clients = new Clients(broker);
        this.input = clients.topic(PARTITIONS);
        this.output = clients.topic(PARTITIONS);
    }

    @Test
    void aBoundedJobCopiesWhatIsThereAndEnds() {
        // Given
        produce(number -> "value " + number);
        // When
        FlinkJob.copyBounded(broker, input, output, group);
        // Then
        assertThat(valuesOfOutput()).containsExactlyInAnyOrderElementsOf(produced);
    }

    @Test
    void aJobWithoutACheckpointGoesOnFromTheCommittedOffsets() {
        // Given
        produce(number -> "value " + number);
        try (var _ = FlinkJob.copy(broker, input, output, group)) {
            awaitCommittedOffsets();
        }
        produce(number -> "value " + number);
        // When
        try (var _ = FlinkJob.copy(broker, input, output, group)) {
            awaitCommittedOffsets();
        }
        // Then
        assertThat(valuesOfOutput()).containsExactlyInAnyOrderElementsOf(produced);
    }

    @Test
    void aJobCountsExactlyOverTheDeathOfTheBrokerAndItsOwn() {
        Path checkpoints = Directories.newData("flink");
        try (var job = FlinkJob.count(broker, input, output, group, checkpoints)) {
            // Given
            produce(number -> "value " + number % DISTINCT);
            awaitCounts();
            // When
            produce(number -> "value " + number % DISTINCT);
            broker.kill();
            broker.start();
            // Then
            awaitCounts();
            job.awaitCheckpoint();
        }
        // When
        produce(number -> "value " + number % DISTINCT);
        try (var _ = FlinkJob.count(broker, input, output, group, checkpoints)) {
            // Then
            awaitCounts();
        }
        Directories.delete(checkpoints);
    }

    private void produce(Function<Integer, String> value) {
        int first = produced.size();
        try (var producer = clients.producer()) {
            IntStream.range(first, first + BATCH).mapToObj(value::apply).forEach(text -> {
                producer.send(new ProducerRecord<>(input, produced.size() % PARTITIONS, null, text));
                produced.add(text);
            });
        }
    }

    private void awaitCounts() {
        Map<String, String> expected = produced.stream()
                .collect(Collectors.groupingBy(
                        Function.identity(), Collectors.collectingAndThen(Collectors.counting(), String::valueOf)));
        try (var counts = Table.of(clients, output, PARTITIONS)) {
            counts.awaitRows(expected);
        }
    }

    /** Reads the output until the group has committed everything that was produced: the sink has it then, too. */
    private void awaitCommittedOffsets() {
        Instant deadline = Instant.now().plus(PATIENCE);
        try (var admin = clients.admin();
                var reader = clients.reader()) {
            reader.assign(partitions(output, PARTITIONS));
            int read = 0;
            long committed = 0;
            while (committed < produced.size()) {
                assertThat(Instant.now())
                        .as("%s of %s committed, %s copied", committed, produced.size(), read)
                        .isBefore(deadline);
                read += reader.poll(ONE_POLL).count();
                committed = get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata()).values().stream()
                        .mapToLong(OffsetAndMetadata::offset)
                        .sum();
            }
        }
    }

    private List<String> valuesOfOutput() {
        try (var consumer = clients.reader()) {
            return everything(consumer, partitions(output, PARTITIONS)).stream()
                    .map(ConsumerRecord::value)
                    .toList();
        }
    }
}
