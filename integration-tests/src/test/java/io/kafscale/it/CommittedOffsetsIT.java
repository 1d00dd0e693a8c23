package io.kafscale.it;

import static io.kafscale.it.client.Futures.get;
import static io.kafscale.it.client.Polling.atLeast;
import static io.kafscale.it.client.Polling.partitions;
import static io.kafscale.it.client.Polling.untilAssigned;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.it.broker.BrokerUnderTest;
import io.kafscale.it.broker.OnEmbeddedStorage;
import io.kafscale.it.client.Clients;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.NoOffsetForPartitionException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Offsets that groups commit, and where their members go on. */
@OnEmbeddedStorage
class CommittedOffsetsIT {
    private final Clients clients;

    CommittedOffsetsIT(BrokerUnderTest broker) {
        this.clients = new Clients(broker);
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void theNextMemberGoesOnAtTheCommittedOffset(String protocol) {
        // Given
        String topic = givenRecords(100);
        String group = Clients.unique("group");
        try (var consumer = member(group, protocol, Map.of("max.poll.records", 30, "enable.auto.commit", false))) {
            consumer.subscribe(List.of(topic));
            assertThat(atLeast(consumer, 30)).hasSize(30);
            consumer.commitSync();
            assertThat(atLeast(consumer, 30)).hasSize(30);
        }
        // When
        try (var consumer = member(group, protocol, Map.of())) {
            consumer.subscribe(List.of(topic));
            // Then
            assertThat(atLeast(consumer, 70))
                    .hasSize(70)
                    .first()
                    .extracting(ConsumerRecord::offset)
                    .isEqualTo(30L);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void aMemberThatLeavesCommitsByItself(String protocol) {
        // Given
        String topic = givenRecords(50);
        String group = Clients.unique("group");
        // When
        try (var consumer = member(group, protocol, Map.of())) {
            consumer.subscribe(List.of(topic));
            assertThat(atLeast(consumer, 50)).hasSize(50);
        }
        // Then
        try (var admin = clients.admin()) {
            var committed = get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
            assertThat(committed.get(new TopicPartition(topic, 0)).offset()).isEqualTo(50);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void aCommitMayNameOffsetsAndCarryAWord(String protocol) {
        // Given
        String topic = givenRecords(10);
        var partition = new TopicPartition(topic, 0);
        try (var consumer = member(Clients.unique("group"), protocol, Map.of("enable.auto.commit", false))) {
            consumer.subscribe(List.of(topic));
            assertThat(atLeast(consumer, 10)).hasSize(10);
            // When
            consumer.commitSync(Map.of(partition, new OffsetAndMetadata(7, "seven")));
            // Then
            OffsetAndMetadata committed = consumer.committed(Set.of(partition)).get(partition);
            assertThat(committed.offset()).isEqualTo(7);
            assertThat(committed.metadata()).isEqualTo("seven");
            // When
            var answer = new CompletableFuture<Map<TopicPartition, OffsetAndMetadata>>();
            consumer.commitAsync(Map.of(partition, new OffsetAndMetadata(3)), (offsets, error) -> {
                if (error == null) {
                    answer.complete(offsets);
                } else {
                    answer.completeExceptionally(error);
                }
            });
            consumer.commitSync(Map.of()); // returns after what was sent before it
            // Then
            assertThat(get(answer)).containsKey(partition);
            assertThat(consumer.committed(Set.of(partition)).get(partition).offset())
                    .isEqualTo(3);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void whereNothingIsCommittedThereIsNoOffset(String protocol) {
        // Given
        String topic = givenRecords(10);
        List<TopicPartition> partitions = partitions(topic, 1);
        String group = Clients.unique("group");
        // When / Then
        try (var consumer = member(group, protocol, Map.of())) {
            assertThat(consumer.committed(Set.copyOf(partitions))).containsEntry(partitions.getFirst(), null);
        }
        try (var consumer = member(group, protocol, Map.of("auto.offset.reset", "none"))) {
            consumer.assign(partitions);
            assertThatThrownBy(() -> atLeast(consumer, 1)).isInstanceOf(NoOffsetForPartitionException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void aNewGroupStartsAtTheEndUnlessToldOtherwise(String protocol) {
        // Given
        String topic = givenRecords(10);
        Map<String, ?> latest = Map.of("group.id", Clients.unique("group"), "group.protocol", protocol);
        try (var consumer = clients.consumer(latest);
                var producer = clients.producer()) {
            consumer.subscribe(List.of(topic));
            untilAssigned(consumer);
            assertThat(consumer.position(new TopicPartition(topic, 0))).isEqualTo(10);
            // When
            get(producer.send(new ProducerRecord<>(topic, "eleventh")));
            // Then
            assertThat(atLeast(consumer, 1)).extracting(ConsumerRecord::value).containsExactly("eleventh");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void offsetsOfAPartitionThatIsNotThereAreRefused(String protocol) {
        // Given
        String topic = givenRecords(1);
        var beyond = new TopicPartition(topic, 99);
        try (var consumer = member(Clients.unique("group"), protocol, Map.of("default.api.timeout.ms", 3_000))) {
            consumer.assign(partitions(topic, 1));
            // When / Then
            assertThatThrownBy(() -> consumer.commitSync(Map.of(beyond, new OffsetAndMetadata(1))))
                    .isNotInstanceOf(CommitFailedException.class);
        }
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

    private KafkaConsumer<String, String> member(String group, String protocol, Map<String, ?> more) {
        var settings = new HashMap<String, Object>();
        settings.put("group.id", group);
        settings.put("group.protocol", protocol);
        settings.put("auto.offset.reset", "earliest");
        settings.putAll(more);
        return clients.consumer(settings);
    }
}
