package io.kafscale.it;

import static io.kafscale.it.client.Futures.get;
import static io.kafscale.it.client.Polling.atLeast;
import static io.kafscale.it.client.Polling.partitions;
import static io.kafscale.it.client.Polling.toEnd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.it.broker.BrokerUnderTest;
import io.kafscale.it.broker.OnEveryStorage;
import io.kafscale.it.client.Clients;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** Where consumers and tools can start reading, and what they find there. */
@OnEveryStorage
class OffsetsAndSeeksIT {
    private static final long NOON = 1_700_000_000_000L;
    private static final long STEP_MS = 1_000;
    private static final int RECORDS = 300;

    private final Clients clients;

    OffsetsAndSeeksIT(BrokerUnderTest broker) {
        this.clients = new Clients(broker);
    }

    @Test
    void theAdminClientFindsTheFirstTheLastAndTheNewestRecord() {
        // Given
        TopicPartition partition = givenRecords("lz4");
        try (var admin = clients.admin()) {
            // When / Then
            assertThat(listed(admin, partition, OffsetSpec.earliest()).offset()).isZero();
            assertThat(listed(admin, partition, OffsetSpec.latest()).offset()).isEqualTo(RECORDS);
            ListOffsetsResultInfo newest = listed(admin, partition, OffsetSpec.maxTimestamp());
            assertThat(newest.offset()).isEqualTo(RECORDS - 1);
            assertThat(newest.timestamp()).isEqualTo(NOON + (RECORDS - 1) * STEP_MS);
        }
    }

    @Test
    void aTimestampFindsTheFirstRecordThatIsNotOlder() {
        // Given
        TopicPartition partition = givenRecords("zstd");
        try (var admin = clients.admin()) {
            // When
            ListOffsetsResultInfo between = listed(admin, partition, OffsetSpec.forTimestamp(NOON + 150 * STEP_MS - 1));
            ListOffsetsResultInfo exact = listed(admin, partition, OffsetSpec.forTimestamp(NOON + 150 * STEP_MS));
            ListOffsetsResultInfo before = listed(admin, partition, OffsetSpec.forTimestamp(0));
            ListOffsetsResultInfo after = listed(admin, partition, OffsetSpec.forTimestamp(NOON + RECORDS * STEP_MS));
            // Then
            assertThat(between.offset()).isEqualTo(150);
            assertThat(between.timestamp()).isEqualTo(NOON + 150 * STEP_MS);
            assertThat(exact.offset()).isEqualTo(150);
            assertThat(before.offset()).isZero();
            assertThat(after.offset()).isEqualTo(-1);
        }
    }

    @Test
    void aConsumerFindsOffsetsByTime() {
        // Given
        TopicPartition partition = givenRecords("none");
        try (var consumer = clients.reader()) {
            // When
            var found = consumer.offsetsForTimes(Map.of(partition, NOON + 42 * STEP_MS));
            var nothing = consumer.offsetsForTimes(Map.of(partition, NOON + RECORDS * STEP_MS));
            // Then
            assertThat(found.get(partition).offset()).isEqualTo(42);
            assertThat(found.get(partition).timestamp()).isEqualTo(NOON + 42 * STEP_MS);
            assertThat(nothing.get(partition)).isNull();
            assertThat(consumer.beginningOffsets(List.of(partition))).containsEntry(partition, 0L);
            assertThat(consumer.endOffsets(List.of(partition))).containsEntry(partition, (long) RECORDS);
        }
    }

    @Test
    void aNewTopicEndsWhereItBegins() {
        // Given
        var partition = new TopicPartition(clients.topic(1), 0);
        try (var admin = clients.admin()) {
            // When / Then
            assertThat(listed(admin, partition, OffsetSpec.earliest()).offset()).isZero();
            assertThat(listed(admin, partition, OffsetSpec.latest()).offset()).isZero();
            assertThat(listed(admin, partition, OffsetSpec.maxTimestamp()).offset())
                    .isEqualTo(-1);
        }
    }

    @Test
    void aConsumerMaySeekIntoTheMiddleOfABatch() {
        // Given
        TopicPartition partition = givenRecords("gzip");
        try (var consumer = clients.reader()) {
            consumer.assign(List.of(partition));
            for (long offset : new long[] {137, 0, RECORDS - 1, 1}) {
                // When
                consumer.seek(partition, offset);
                // Then
                assertThat(atLeast(consumer, 1))
                        .first()
                        .extracting(ConsumerRecord::offset)
                        .isEqualTo(offset);
            }
            consumer.seekToEnd(List.of(partition));
            assertThat(consumer.position(partition)).isEqualTo(RECORDS);
            consumer.seekToBeginning(List.of(partition));
            assertThat(toEnd(consumer, List.of(partition))).hasSize(RECORDS);
        }
    }

    @Test
    void aPausedPartitionWaitsWhileTheOtherGoesOn() {
        // Given
        String topic = clients.topic(2);
        try (var producer = clients.producer();
                var consumer = clients.reader()) {
            for (int i = 0; i < 20; i++) {
                get(producer.send(new ProducerRecord<>(topic, i % 2, null, Integer.toString(i))));
            }
            List<TopicPartition> both = partitions(topic, 2);
            consumer.assign(both);
            consumer.pause(List.of(both.get(0)));
            // When
            List<ConsumerRecord<String, String>> whilePaused = atLeast(consumer, 10);
            consumer.resume(List.of(both.get(0)));
            List<ConsumerRecord<String, String>> afterwards = atLeast(consumer, 10);
            // Then
            assertThat(whilePaused)
                    .hasSize(10)
                    .extracting(ConsumerRecord::partition)
                    .containsOnly(1);
            assertThat(afterwards)
                    .hasSize(10)
                    .extracting(ConsumerRecord::partition)
                    .containsOnly(0);
        }
    }

    @Test
    void anOffsetBeyondTheEndIsOutOfRange() {
        // Given
        TopicPartition partition = givenRecords("none");
        try (var consumer = clients.consumer(Map.of("auto.offset.reset", "none"))) {
            consumer.assign(List.of(partition));
            // When
            consumer.seek(partition, RECORDS + 1);
            // Then
            assertThatThrownBy(() -> atLeast(consumer, 1)).isInstanceOf(OffsetOutOfRangeException.class);
        }
    }

    @Test
    void aWaitingConsumerWakesWithTheRecordAndNotWithTheClock() {
        // Given
        var partition = new TopicPartition(clients.topic(1), 0);
        Map<String, ?> patient =
                Map.of("auto.offset.reset", "earliest", "fetch.max.wait.ms", 40_000, "request.timeout.ms", 60_000);
        try (var producer = clients.producer();
                var consumer = clients.consumer(patient)) {
            consumer.assign(List.of(partition));
            get(producer.send(new ProducerRecord<>(partition.topic(), "first")));
            assertThat(atLeast(consumer, 1)).hasSize(1);
            // When: the next fetch waits at the broker before there is anything to fetch
            assertThat(consumer.poll(Duration.ofMillis(200)).isEmpty()).isTrue();
            Instant sent = Instant.now();
            get(producer.send(new ProducerRecord<>(partition.topic(), "second")));
            // Then
            assertThat(atLeast(consumer, 1)).extracting(ConsumerRecord::value).containsExactly("second");
            assertThat(Duration.between(sent, Instant.now())).isLessThan(Duration.ofSeconds(20));
            consumer.close(CloseOptions.timeout(Duration.ZERO));
        }
    }

    @Test
    void aReaderOfCommittedRecordsReadsEverything() {
        // Given
        TopicPartition partition = givenRecords("snappy");
        Map<String, ?> committedOnly = Map.of("auto.offset.reset", "earliest", "isolation.level", "read_committed");
        try (var consumer = clients.consumer(committedOnly)) {
            consumer.assign(List.of(partition));
            // When / Then
            assertThat(atLeast(consumer, RECORDS)).hasSize(RECORDS);
        }
    }

    @Test
    void twoConsumersReadTheSamePartitionAtTheSameTime() {
        // Given
        TopicPartition partition = givenRecords("lz4");
        // When
        CompletableFuture<List<String>> one = CompletableFuture.supplyAsync(() -> values(partition));
        CompletableFuture<List<String>> other = CompletableFuture.supplyAsync(() -> values(partition));
        // Then
        assertThat(get(one)).hasSize(RECORDS).isEqualTo(get(other));
    }

    @Test
    void smallFetchesGetThereToo() {
        // Given
        TopicPartition partition = givenRecords("none");
        Map<String, ?> tiny = Map.of(
                "auto.offset.reset",
                "earliest",
                "max.partition.fetch.bytes",
                1,
                "fetch.max.bytes",
                1,
                "max.poll.records",
                7);
        try (var consumer = clients.consumer(tiny)) {
            consumer.assign(List.of(partition));
            // When / Then
            assertThat(atLeast(consumer, RECORDS))
                    .extracting(ConsumerRecord::offset)
                    .isSorted()
                    .doesNotHaveDuplicates();
        }
    }

    private List<String> values(TopicPartition partition) {
        try (KafkaConsumer<String, String> consumer = clients.reader()) {
            consumer.assign(List.of(partition));
            return atLeast(consumer, RECORDS).stream()
                    .map(ConsumerRecord::value)
                    .toList();
        }
    }

    /** A partition of {@link #RECORDS} records, one a second, a hundred in a batch. */
    private TopicPartition givenRecords(String compression) {
        String topic = clients.topic(1, Map.of("retention.ms", "-1"));
        try (var producer = clients.producer(Map.of("compression.type", compression, "linger.ms", 60_000))) {
            for (int i = 0; i < RECORDS; i++) {
                producer.send(new ProducerRecord<>(topic, 0, NOON + i * STEP_MS, "key", "value " + i));
                if (i % 100 == 99) {
                    producer.flush();
                }
            }
        }
        return new TopicPartition(topic, 0);
    }

    private static ListOffsetsResultInfo listed(Admin admin, TopicPartition partition, OffsetSpec spec) {
        return get(admin.listOffsets(Map.of(partition, spec)).partitionResult(partition));
    }
}
