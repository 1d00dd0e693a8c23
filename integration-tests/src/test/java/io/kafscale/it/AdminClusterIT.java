package io.kafscale.it;

import static io.kafscale.it.client.Futures.failure;
import static io.kafscale.it.client.Futures.get;
import static io.kafscale.it.client.Polling.atLeast;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.it.broker.BrokerUnderTest;
import io.kafscale.it.broker.OnEmbeddedStorage;
import io.kafscale.it.client.Clients;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ElectionNotNeededException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the admin client learns about the cluster, its groups and its producers. */
@OnEmbeddedStorage
class AdminClusterIT {
    private final BrokerUnderTest broker;
    private final Clients clients;
    private final Admin admin;

    AdminClusterIT(BrokerUnderTest broker) {
        this.broker = broker;
        this.clients = new Clients(broker);
        this.admin = clients.admin();
    }

    @AfterEach
    void closeClient() {
        admin.close();
    }

    @Test
    void theClusterIsOneBrokerWithAnId() {
        // When
        var cluster = admin.describeCluster();
        // Then
        assertThat(get(cluster.nodes())).singleElement().satisfies(node -> {
            assertThat(node.id()).isEqualTo(1);
            assertThat(node.host() + ":" + node.port()).isEqualTo(broker.bootstrapServers());
        });
        assertThat(get(cluster.clusterId())).isNotBlank();
        assertThat(get(cluster.controller()).id()).isEqualTo(1);
    }

    @Test
    void theLogDirectoryKnowsHowMuchAPartitionHolds() {
        // Given
        String topic = clients.topic(1);
        produce(topic, "x".repeat(10_000));
        // When
        Map<String, LogDirDescription> directories =
                get(admin.describeLogDirs(List.of(1)).allDescriptions()).get(1);
        // Then
        assertThat(directories).hasSize(1);
        var replica = directories.values().iterator().next().replicaInfos().get(new TopicPartition(topic, 0));
        assertThat(replica.size()).isGreaterThan(10_000).isLessThan(100_000);
        assertThat(replica.isFuture()).isFalse();
    }

    @Test
    void anIdempotentProducerIsDescribed() {
        // Given
        String topic = clients.topic(1);
        produce(topic, "one");
        var partition = new TopicPartition(topic, 0);
        // When
        List<ProducerState> producers = get(admin.describeProducers(List.of(partition))
                        .partitionResult(partition))
                .activeProducers();
        // Then
        assertThat(producers).singleElement().satisfies(producer -> {
            assertThat(producer.producerId()).isNotNegative();
            assertThat(producer.producerEpoch()).isZero();
            assertThat(producer.lastSequence()).isZero();
        });
    }

    @Test
    void thereAreNoTransactionsAndNothingIsBeingMoved() {
        // Given
        var partition = new TopicPartition(clients.topic(1), 0);
        // When / Then
        assertThat(get(admin.listTransactions().all())).isEmpty();
        assertThat(get(admin.listPartitionReassignments().reassignments())).isEmpty();
        var elected = get(
                admin.electLeaders(ElectionType.PREFERRED, Set.of(partition)).partitions());
        assertThat(elected.get(partition)).containsInstanceOf(ElectionNotNeededException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void aGroupIsListedDescribedAndDeletedWhenItIsEmpty(String protocol) {
        // Given
        String topic = clients.topic(2);
        String group = Clients.unique("group");
        produce(topic, "one");
        try (var consumer = clients.consumer(
                Map.of("group.id", group, "group.protocol", protocol, "auto.offset.reset", "earliest"))) {
            consumer.subscribe(List.of(topic));
            assertThat(atLeast(consumer, 1)).hasSize(1);
            consumer.commitSync();
            // When
            ConsumerGroupDescription described = describe(group);
            // Then
            assertThat(described.groupState()).isEqualTo(GroupState.STABLE);
            assertThat(described.members())
                    .singleElement()
                    .satisfies(member ->
                            assertThat(member.assignment().topicPartitions()).hasSize(2));
            assertThat(typesOfGroups()).containsEntry(group, protocol.equals("classic") ? "Classic" : "Consumer");
            failure(admin.deleteConsumerGroups(List.of(group)).all(), GroupNotEmptyException.class);
        }
        assertThat(describe(group).groupState()).isEqualTo(GroupState.EMPTY);
        // When
        get(admin.deleteConsumerGroups(List.of(group)).all());
        // Then
        assertThat(typesOfGroups()).doesNotContainKey(group);
        failure(admin.deleteConsumerGroups(List.of(group)).all(), GroupIdNotFoundException.class);
    }

    @Test
    void offsetsOfAGroupAreAlteredAndDeleted() {
        // Given
        var partition = new TopicPartition(clients.topic(1), 0);
        String group = Clients.unique("group");
        // When
        get(admin.alterConsumerGroupOffsets(group, Map.of(partition, new OffsetAndMetadata(7)))
                .all());
        // Then
        assertThat(get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata())
                        .get(partition)
                        .offset())
                .isEqualTo(7);
        // When
        get(admin.deleteConsumerGroupOffsets(group, Set.of(partition)).all());
        // Then
        assertThat(get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata()))
                .isEmpty();
    }

    private Map<String, String> typesOfGroups() {
        return get(admin.listGroups().all()).stream()
                .collect(toMap(
                        GroupListing::groupId,
                        listing -> listing.type().orElseThrow().toString()));
    }

    private ConsumerGroupDescription describe(String group) {
        return get(admin.describeConsumerGroups(List.of(group)).all()).get(group);
    }

    private void produce(String topic, String value) {
        try (var producer = clients.producer()) {
            get(producer.send(new ProducerRecord<>(topic, value)));
        }
    }
}
