package io.kafscale.it;

import static io.kafscale.it.client.Futures.get;
import static io.kafscale.it.client.Polling.atLeast;
import static io.kafscale.it.client.Polling.everything;
import static io.kafscale.it.client.Polling.partitions;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.it.broker.BrokerUnderTest;
import io.kafscale.it.broker.OnEveryStorage;
import io.kafscale.it.broker.OnlyKafscale;
import io.kafscale.it.client.Clients;
import io.kafscale.it.client.Futures;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What today's Java producer and consumer do with their default settings. */
@OnEveryStorage
class ProduceConsumeIT {
    private static final int MEBIBYTE = 1 << 20;

    private final Clients clients;

    ProduceConsumeIT(BrokerUnderTest broker) {
        this.clients = new Clients(broker);
    }

    @Test
    void everyRecordOfADefaultProducerIsThereOnceAndInOrder() {
        // Given
        String topic = clients.topic(3);
        // When
        List<RecordMetadata> acknowledged = produce(topic, 3_000, Map.of());
        // Then
        List<ConsumerRecord<String, String>> records = readAll(topic, 3);
        assertThat(records).hasSize(3_000);
        assertThat(new HashSet<>(records.stream().map(ConsumerRecord::value).toList()))
                .hasSize(3_000);
        records.stream().collect(groupingBy(ConsumerRecord::partition)).forEach((_, ofPartition) -> {
            assertThat(ofPartition)
                    .extracting(ConsumerRecord::offset)
                    .containsExactlyElementsOf(upTo(ofPartition.size()));
            assertThat(ofPartition)
                    .extracting(record -> Integer.parseInt(record.value()))
                    .isSorted();
        });
        assertThat(acknowledged.stream().map(at -> at.partition() + "@" + at.offset()))
                .containsExactlyInAnyOrderElementsOf(records.stream()
                        .map(record -> record.partition() + "@" + record.offset())
                        .toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    void everyCompressionComesBackAsItWasSent(String compression) {
        // Given
        String topic = clients.topic(1);
        // When
        produce(topic, 500, Map.of("compression.type", compression, "linger.ms", 20));
        // Then
        assertThat(readAll(topic, 1)).extracting(ConsumerRecord::value).containsExactlyElementsOf(numbers(500));
    }

    @Test
    void keysValuesAndHeadersMayBeNullOrEmpty() {
        // Given
        String topic = clients.topic(1);
        var sent = new ProducerRecord<String, String>(topic, 0, null, "", "");
        sent.headers()
                .add("empty", new byte[0])
                .add("none", null)
                .add("twice", bytes("a"))
                .add("twice", bytes("b"));
        // When
        try (var producer = clients.producer()) {
            get(producer.send(new ProducerRecord<>(topic, null)));
            get(producer.send(sent));
        }
        // Then
        List<ConsumerRecord<String, String>> records = readAll(topic, 1);
        assertThat(records.get(0).key()).isNull();
        assertThat(records.get(0).value()).isNull();
        assertThat(records.get(1).key()).isEmpty();
        assertThat(records.get(1).value()).isEmpty();
        assertThat(records.get(1).headers().toArray())
                .containsExactly(
                        new RecordHeader("empty", new byte[0]),
                        new RecordHeader("none", (byte[]) null),
                        new RecordHeader("twice", bytes("a")),
                        new RecordHeader("twice", bytes("b")));
    }

    @Test
    void theTimestampOfTheProducerIsKept() {
        // Given
        String topic = clients.topic(1);
        long twoHoursAgo = Instant.now().minus(Duration.ofHours(2)).toEpochMilli();
        // When
        try (var producer = clients.producer()) {
            get(producer.send(new ProducerRecord<>(topic, 0, twoHoursAgo, "k", "v")));
        }
        // Then
        ConsumerRecord<String, String> record = readAll(topic, 1).getFirst();
        assertThat(record.timestampType()).isEqualTo(TimestampType.CREATE_TIME);
        assertThat(record.timestamp()).isEqualTo(twoHoursAgo);
    }

    @Test
    void aTopicMayTakeTheTimeOfTheBrokerInstead() {
        // Given
        String topic = clients.topic(1, Map.of("message.timestamp.type", "LogAppendTime"));
        long before = System.currentTimeMillis();
        // When
        RecordMetadata acknowledged;
        try (var producer = clients.producer(Map.of("compression.type", "lz4"))) {
            acknowledged = get(producer.send(new ProducerRecord<>(topic, 0, 1_000L, "k", "v")));
        }
        // Then
        ConsumerRecord<String, String> record = readAll(topic, 1).getFirst();
        assertThat(record.timestampType()).isEqualTo(TimestampType.LOG_APPEND_TIME);
        assertThat(record.timestamp()).isBetween(before, System.currentTimeMillis());
        assertThat(acknowledged.timestamp()).isEqualTo(record.timestamp());
    }

    @Test
    void aRecordOfAlmostAMebibyteFits() {
        // Given
        String topic = clients.topic(1);
        String big = "x".repeat(MEBIBYTE - 512);
        // When
        try (var producer = clients.producer()) {
            get(producer.send(new ProducerRecord<>(topic, big)));
            get(producer.send(new ProducerRecord<>(topic, big)));
        }
        // Then
        assertThat(readAll(topic, 1)).extracting(ConsumerRecord::value).containsExactly(big, big);
    }

    @Test
    void aRecordLargerThanTheTopicAllowsIsRefused() {
        // Given
        String topic = clients.topic(1, Map.of("max.message.bytes", "10000"));
        // When / Then
        try (var producer = clients.producer()) {
            Futures.failure(
                    producer.send(new ProducerRecord<>(topic, "x".repeat(20_000))), RecordTooLargeException.class);
            get(producer.send(new ProducerRecord<>(topic, "x".repeat(5_000))));
        }
        assertThat(readAll(topic, 1))
                .singleElement()
                .extracting(ConsumerRecord::offset)
                .isEqualTo(0L);
    }

    @Test
    void fiftyPartitionsEachKeepTheirOrder() {
        // Given
        String topic = clients.topic(50);
        // When
        var acknowledgements = new ArrayList<Future<RecordMetadata>>();
        try (var producer = clients.producer()) {
            for (int i = 0; i < 1_000; i++) {
                acknowledgements.add(producer.send(new ProducerRecord<>(topic, i % 50, null, Integer.toString(i))));
            }
        }
        acknowledgements.forEach(Futures::get);
        // Then
        var byPartition = readAll(topic, 50).stream().collect(groupingBy(ConsumerRecord::partition));
        assertThat(byPartition).hasSize(50);
        byPartition.forEach((partition, ofPartition) -> assertThat(ofPartition)
                .extracting(ConsumerRecord::value)
                .containsExactlyElementsOf(IntStream.range(0, 20)
                        .mapToObj(i -> Integer.toString(i * 50 + partition))
                        .toList()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "all"})
    void everyAcknowledgementLevelDelivers(String acks) {
        // Given
        String topic = clients.topic(1);
        // When
        produce(topic, 200, Map.of("acks", acks, "enable.idempotence", false));
        // Then
        try (var consumer = clients.reader()) {
            consumer.assign(partitions(topic, 1));
            assertThat(atLeast(consumer, 200))
                    .extracting(ConsumerRecord::value)
                    .containsExactlyElementsOf(numbers(200));
        }
    }

    @Test
    void aTopicIsCreatedByTheFirstRecord() {
        // Given
        String topic = Clients.unique("created-by-use");
        // When
        produce(topic, 10, Map.of());
        // Then
        assertThat(readAll(topic, 1)).hasSize(10);
    }

    @Test
    void oneProducerInAHurryKeepsItsOrderWithManyRequestsInFlight() {
        // Given
        String topic = clients.topic(1);
        // When
        produce(topic, 20_000, Map.of("batch.size", 1_000, "linger.ms", 0));
        // Then
        assertThat(readAll(topic, 1)).extracting(ConsumerRecord::value).containsExactlyElementsOf(numbers(20_000));
    }

    @Test
    @OnlyKafscale
    void aTransactionalProducerFailsAtOnceAndForGood() {
        // Given
        Instant start = Instant.now();
        // When / Then
        try (var producer = clients.producer(Map.of("transactional.id", Clients.unique("transactions")))) {
            assertThatThrownBy(producer::initTransactions).isInstanceOf(KafkaException.class);
            assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(10));
            assertThatThrownBy(producer::beginTransaction).isInstanceOf(KafkaException.class);
        }
    }

    private List<RecordMetadata> produce(String topic, int count, Map<String, ?> settings) {
        var acknowledgements = new ArrayList<Future<RecordMetadata>>();
        try (var producer = clients.producer(settings)) {
            for (String number : numbers(count)) {
                acknowledgements.add(producer.send(new ProducerRecord<>(topic, "key-" + number, number)));
            }
        }
        return acknowledgements.stream().map(Futures::get).toList();
    }

    private List<ConsumerRecord<String, String>> readAll(String topic, int partitions) {
        try (var consumer = clients.reader()) {
            return everything(consumer, partitions(topic, partitions));
        }
    }

    private static List<String> numbers(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }

    private static List<Long> upTo(int end) {
        return LongStream.range(0, end).boxed().toList();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
