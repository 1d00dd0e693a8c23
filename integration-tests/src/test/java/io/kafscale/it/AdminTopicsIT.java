package io.kafscale.it;

import static io.kafscale.it.client.Futures.failure;
import static io.kafscale.it.client.Futures.get;
import static io.kafscale.it.client.Polling.everything;
import static io.kafscale.it.client.Polling.partitions;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.it.broker.BrokerUnderTest;
import io.kafscale.it.broker.OnEmbeddedStorage;
import io.kafscale.it.broker.OnlyKafscale;
import io.kafscale.it.client.Clients;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the admin client does with topics. */
@OnEmbeddedStorage
class AdminTopicsIT {
    private final BrokerUnderTest broker;
    private final Clients clients;
    private final Admin admin;

    AdminTopicsIT(BrokerUnderTest broker) {
        this.broker = broker;
        this.clients = new Clients(broker);
        this.admin = clients.admin();
    }

    @AfterEach
    void closeClient() {
        admin.close();
    }

    @Test
    void aTopicIsCreatedListedDescribedAndDeleted() {
        // Given
        String topic = clients.topic(3, Map.of("retention.ms", "3600000"));
        // When
        TopicDescription described = describe(topic);
        TopicDescription byId = get(admin.describeTopics(TopicCollection.ofTopicIds(List.of(described.topicId())))
                        .allTopicIds())
                .get(described.topicId());
        // Then
        assertThat(get(admin.listTopics().names())).contains(topic);
        assertThat(described.partitions())
                .extracting(partition -> partition.partition())
                .containsExactly(0, 1, 2);
        assertThat(described.partitions()).allSatisfy(partition -> {
            assertThat(partition.leader().port()).isEqualTo(port());
            assertThat(partition.replicas()).hasSize(1);
            assertThat(partition.isr()).hasSize(1);
        });
        assertThat(described.isInternal()).isFalse();
        assertThat(byId.name()).isEqualTo(topic);
        // When
        get(admin.deleteTopics(List.of(topic)).all());
        // Then
        failure(admin.describeTopics(List.of(topic)).allTopicNames(), UnknownTopicOrPartitionException.class);
        failure(admin.deleteTopics(List.of(topic)).all(), UnknownTopicOrPartitionException.class);
    }

    @Test
    void aTopicIsDeletedByItsId() {
        // Given
        String topic = clients.topic(1);
        Uuid id = describe(topic).topicId();
        // When
        get(admin.deleteTopics(TopicCollection.ofTopicIds(List.of(id))).all());
        // Then
        failure(
                admin.describeTopics(TopicCollection.ofTopicIds(List.of(id))).allTopicIds(),
                UnknownTopicIdException.class);
    }

    @Test
    void whatCannotBeCreatedIsRefusedForItsReason() {
        // Given
        String existing = clients.topic(1);
        // When / Then
        failure(create(new NewTopic(existing, 1, (short) 1)), TopicExistsException.class);
        failure(create(new NewTopic("white space", 1, (short) 1)), InvalidTopicException.class);
        failure(create(new NewTopic("x".repeat(250), 1, (short) 1)), InvalidTopicException.class);
        failure(create(new NewTopic(Clients.unique("none"), 0, (short) 1)), InvalidPartitionsException.class);
        failure(
                create(new NewTopic(Clients.unique("odd"), 1, (short) 1).configs(Map.of("retention.ms", "soon"))),
                InvalidConfigurationException.class);
        failure(
                create(new NewTopic(Clients.unique("odd"), 1, (short) 1).configs(Map.of("retention.sm", "1"))),
                InvalidConfigurationException.class);
    }

    @Test
    void aCreationThatIsOnlyValidatedCreatesNothing() {
        // Given
        String topic = Clients.unique("validated");
        var onlyValidate = new CreateTopicsOptions().validateOnly(true);
        // When
        get(admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1)), onlyValidate)
                .all());
        // Then
        assertThat(get(admin.listTopics().names())).doesNotContain(topic);
    }

    @Test
    void theBrokersDefaultsMayBeLeftToTheBroker() {
        // Given
        String topic = Clients.unique("defaults");
        // When
        var created = admin.createTopics(List.of(new NewTopic(topic, Optional.empty(), Optional.empty())));
        // Then
        assertThat(get(created.numPartitions(topic))).isEqualTo(1);
        assertThat(get(created.replicationFactor(topic))).isEqualTo(1);
        assertThat(get(created.topicId(topic))).isNotEqualTo(Uuid.ZERO_UUID);
        assertThat(get(created.config(topic)).get("retention.ms").value()).isEqualTo("604800000");
    }

    @Test
    void partitionsAreAddedButNotTakenAway() {
        // Given
        String topic = clients.topic(2);
        // When
        get(admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(5))).all());
        // Then
        assertThat(describe(topic).partitions()).hasSize(5);
        failure(
                admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(4)))
                        .all(),
                InvalidPartitionsException.class);
        failure(
                admin.createPartitions(Map.of("no-such-topic", NewPartitions.increaseTo(4)))
                        .all(),
                UnknownTopicOrPartitionException.class);
        produce(topic, 4, "to the new one");
        assertThat(values(topic, 5)).containsExactly("to the new one");
    }

    @Test
    void deletedRecordsAreGoneAndTheLogStartsBehindThem() {
        // Given
        String topic = clients.topic(1);
        for (int i = 0; i < 10; i++) {
            produce(topic, 0, Integer.toString(i));
        }
        var partition = new TopicPartition(topic, 0);
        // When
        var deleted = admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(4)));
        // Then
        assertThat(get(deleted.lowWatermarks().get(partition)).lowWatermark()).isEqualTo(4);
        assertThat(values(topic, 1)).containsExactly("4", "5", "6", "7", "8", "9");
        assertThat(get(admin.listOffsets(Map.of(partition, OffsetSpec.earliest()))
                                .partitionResult(partition))
                        .offset())
                .isEqualTo(4);
        failure(
                admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(11)))
                        .all(),
                OffsetOutOfRangeException.class);
        // When: everything there is
        get(admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(-1)))
                .all());
        // Then
        assertThat(values(topic, 1)).isEmpty();
        produce(topic, 0, "10");
        assertThat(values(topic, 1)).containsExactly("10");
    }

    @Test
    void aTopicThatIsCreatedAgainShowsNothingOld() {
        // Given
        String topic = clients.topic(2);
        produce(topic, 0, "old");
        produce(topic, 1, "old, too");
        Uuid oldId = describe(topic).topicId();
        // When
        get(admin.deleteTopics(List.of(topic)).all());
        clients.create(new NewTopic(topic, 2, (short) 1));
        // Then
        assertThat(describe(topic).topicId()).isNotEqualTo(oldId);
        assertThat(values(topic, 2)).isEmpty();
        produce(topic, 0, "new");
        try (var consumer = clients.reader()) {
            List<ConsumerRecord<String, String>> records = everything(consumer, partitions(topic, 2));
            assertThat(records)
                    .singleElement()
                    .extracting(ConsumerRecord::value)
                    .isEqualTo("new");
            assertThat(records.getFirst().offset()).isZero();
        }
    }

    @Test
    void aCompactedTopicIsAcceptedAndWantsKeys() {
        // Given
        String topic = clients.topic(1, Map.of("cleanup.policy", "compact"));
        try (var producer = clients.producer()) {
            // When / Then
            failure(producer.send(new ProducerRecord<>(topic, "no key")), InvalidRecordException.class);
            get(producer.send(new ProducerRecord<>(topic, "key", "value")));
        }
        assertThat(values(topic, 1)).containsExactly("value");
    }

    @Test
    @OnlyKafscale
    void anyReplicationFactorIsAccepted() {
        // Given
        String topic = Clients.unique("three-replicas");
        // When
        get(create(new NewTopic(topic, 1, (short) 3)));
        // Then
        produce(topic, 0, "value");
        assertThat(values(topic, 1)).containsExactly("value");
    }

    @Test
    @OnlyKafscale
    void aTopicIsReadyWhenItsCreationIsAnswered() {
        // Given
        String topic = Clients.unique("ready");
        var impatient = Map.of("retries", 0, "enable.idempotence", false);
        try (var producer = clients.producer(impatient)) {
            // When
            get(create(new NewTopic(topic, 8, (short) 1)));
            // Then
            for (int partition = 0; partition < 8; partition++) {
                get(producer.send(new ProducerRecord<>(topic, partition, null, "at once")));
            }
        }
    }

    private KafkaFuture<Void> create(NewTopic topic) {
        return admin.createTopics(List.of(topic)).all();
    }

    private TopicDescription describe(String topic) {
        return get(admin.describeTopics(List.of(topic)).allTopicNames()).get(topic);
    }

    private void produce(String topic, int partition, String value) {
        try (var producer = clients.producer()) {
            get(producer.send(new ProducerRecord<>(topic, partition, null, value)));
        }
    }

    private List<String> values(String topic, int partitions) {
        try (var consumer = clients.reader()) {
            return everything(consumer, partitions(topic, partitions)).stream()
                    .map(ConsumerRecord::value)
                    .toList();
        }
    }

    private int port() {
        return Integer.parseInt(broker.bootstrapServers().split(":")[1]);
    }
}
