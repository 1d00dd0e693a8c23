package io.kafscale.it;

import static io.kafscale.it.client.Futures.get;
import static io.kafscale.it.client.Lookup.in;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.it.broker.BrokerUnderTest;
import io.kafscale.it.broker.OnEmbeddedStorage;
import io.kafscale.it.client.Clients;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.ElectLeadersRequestData;
import org.apache.kafka.common.message.ElectLeadersResponseData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests at the edge of what the protocol allows, some of which Kafka's own clients never send, are answered as Kafka answers. */
@OnEmbeddedStorage
class ProtocolEdgesIT {
    private static final long CREATED_MS = System.currentTimeMillis() - 5_000;

    private final Clients clients;
    private final RawConnection connection;

    ProtocolEdgesIT(BrokerUnderTest broker) {
        this.clients = new Clients(broker);
        this.connection = RawConnection.open(broker);
    }

    @AfterEach
    void hangUp() {
        connection.close();
    }

    private ProduceResponseData.PartitionProduceResponse produce(String topic, int timeoutMs, MemoryRecords records) {
        var requested = new ProduceRequestData.TopicProduceData().setName(topic);
        requested.partitionData().add(new ProduceRequestData.PartitionProduceData().setRecords(records));
        var data = new ProduceRequestData().setAcks((short) -1).setTimeoutMs(timeoutMs);
        data.topicData().add(requested);
        return connection
                .call(ApiKeys.PRODUCE, 12, data, ProduceResponseData.class)
                .responses()
                .iterator()
                .next()
                .partitionResponses()
                .getFirst();
    }

    private static MemoryRecords batch(int sequence) {
        return MemoryRecords.withIdempotentRecords(
                Compression.NONE, 4711, (short) 0, sequence, new SimpleRecord(CREATED_MS, new byte[10]));
    }

    private FetchResponseData.PartitionData fetch(String topic, long offset, int maxBytes, int partitionMaxBytes) {
        var requested = new FetchRequestData.FetchTopic().setTopic(topic);
        requested
                .partitions()
                .add(new FetchRequestData.FetchPartition()
                        .setFetchOffset(offset)
                        .setPartitionMaxBytes(partitionMaxBytes));
        var data = new FetchRequestData().setReplicaId(-1).setMaxWaitMs(0).setMaxBytes(maxBytes);
        data.topics().add(requested);
        return connection
                .call(ApiKeys.FETCH, 12, data, FetchResponseData.class)
                .responses()
                .getFirst()
                .partitions()
                .getFirst();
    }

    /** Kafka with one replica is done at once; where it is not, it answers REQUEST_TIMED_OUT, and the record is there. */
    @ParameterizedTest
    @ValueSource(ints = {0, -1})
    void recordsAreAppendedHoweverLittleTimeTheirAcknowledgementHas(int timeoutMs) {
        // Given
        String topic = clients.topic(1);
        // When
        Errors answer = Errors.forCode(produce(topic, timeoutMs, batch(0)).errorCode());
        // Then
        assertThat(answer).isIn(Errors.NONE, Errors.REQUEST_TIMED_OUT);
        assertThat(produce(topic, 30_000, batch(1)).baseOffset()).isEqualTo(1);
    }

    @Test
    void aDuplicateIsAnsweredWithTheTimestampOfItsOriginal() {
        String topic = clients.topic(1);
        assertThat(produce(topic, 30_000, batch(0)).logAppendTimeMs()).isEqualTo(-1);
        var duplicate = produce(topic, 30_000, batch(0));
        assertThat(duplicate.baseOffset()).isZero();
        assertThat(duplicate.logAppendTimeMs()).isEqualTo(CREATED_MS);
    }

    @Test
    void aDuplicateIsAnsweredWithTheTimeItsOriginalWasAppended() {
        String topic = clients.topic(1, Map.of("message.timestamp.type", "LogAppendTime"));
        long appended = produce(topic, 30_000, batch(0)).logAppendTimeMs();
        assertThat(appended).isGreaterThan(CREATED_MS);
        assertThat(produce(topic, 30_000, batch(0)).logAppendTimeMs()).isEqualTo(appended);
    }

    @ParameterizedTest
    @ValueSource(longs = {9, -5})
    void anOffsetOutOfRangeIsAnsweredWithNothingElse(long offset) {
        String topic = clients.topic(1);
        produce(topic, 30_000, batch(0));
        var answer = fetch(topic, offset, 1 << 20, 1 << 20);
        assertThat(Errors.forCode(answer.errorCode())).isEqualTo(Errors.OFFSET_OUT_OF_RANGE);
        assertThat(answer.highWatermark()).isEqualTo(-1);
        assertThat(answer.lastStableOffset()).isEqualTo(-1);
        assertThat(answer.logStartOffset()).isEqualTo(-1);
    }

    @ParameterizedTest
    @CsvSource({
        "-1, 1048576, UNKNOWN_SERVER_ERROR",
        "1048576, -1, UNKNOWN_SERVER_ERROR",
        "-1, -1, UNKNOWN_SERVER_ERROR",
        "0, 1048576, NONE",
        "1048576, 0, NONE",
        "0, 0, NONE"
    })
    void whoAsksForLessThanNothingIsRefusedAndForNothingGetsOneBatch(
            int maxBytes, int partitionMaxBytes, Errors expected) {
        String topic = clients.topic(1);
        produce(topic, 30_000, batch(0));
        produce(topic, 30_000, batch(1));
        var answer = fetch(topic, 0, maxBytes, partitionMaxBytes);
        assertThat(Errors.forCode(answer.errorCode())).isEqualTo(expected);
        assertThat(((MemoryRecords) answer.records()).batches()).hasSize(expected == Errors.NONE ? 1 : 0);
        assertThat(answer.highWatermark()).isEqualTo(expected == Errors.NONE ? 2 : -1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theTopicOfKafkasOwnMetadataCannotBeCreated(boolean validateOnly) {
        var topics = new CreateTopicsRequestData.CreatableTopicCollection();
        topics.add(new CreateTopicsRequestData.CreatableTopic()
                .setName("__cluster_metadata")
                .setNumPartitions(1)
                .setReplicationFactor((short) 1));
        var request = new CreateTopicsRequestData()
                .setTimeoutMs(10_000)
                .setTopics(topics)
                .setValidateOnly(validateOnly);
        var answer = connection
                .call(ApiKeys.CREATE_TOPICS, 7, request, CreateTopicsResponseData.class)
                .topics()
                .iterator()
                .next();
        assertThat(Errors.forCode(answer.errorCode())).isEqualTo(Errors.INVALID_REQUEST);
        assertThat(answer.errorMessage()).isEqualTo("Creation of internal topic __cluster_metadata is prohibited.");
    }

    @Test
    void theTopicOfKafkasOwnMetadataIsNotCreatedOnDemandEither() {
        var request = new MetadataRequestData()
                .setAllowAutoTopicCreation(true)
                .setTopics(List.of(new MetadataRequestData.MetadataRequestTopic().setName("__cluster_metadata")));
        var answer = connection
                .call(ApiKeys.METADATA, 12, request, MetadataResponseData.class)
                .topics()
                .iterator()
                .next();
        assertThat(Errors.forCode(answer.errorCode())).isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
    }

    @ParameterizedTest
    @ValueSource(strings = {"__consumer_offsets", "__transaction_state"})
    void aTopicOfKafkasCoordinatorsMayExistAndIsInternalAndClosedToProducers(String name) {
        try (Admin admin = clients.admin()) {
            // Given
            get(admin.createTopics(List.of(new NewTopic(name, 1, (short) 1))).all());
            // Then
            assertThat(in(get(admin.describeTopics(List.of(name)).allTopicNames()), name)
                            .isInternal())
                    .isTrue();
            assertThat(get(admin.listTopics().names())).doesNotContain(name);
            assertThat(Errors.forCode(produce(name, 30_000, batch(0)).errorCode()))
                    .isEqualTo(Errors.INVALID_TOPIC_EXCEPTION);
            get(admin.deleteTopics(List.of(name)).all());
        }
    }

    @Test
    void anElectionForAllNamesEveryTopicAndNoPartitionSinceNoneNeedsIt() {
        String topic = clients.topic(2);
        var request = new ElectLeadersRequestData().setTimeoutMs(10_000).setTopicPartitions(null);
        var answer = connection.call(ApiKeys.ELECT_LEADERS, 2, request, ElectLeadersResponseData.class);
        assertThat(Errors.forCode(answer.errorCode())).isEqualTo(Errors.NONE);
        assertThat(answer.replicaElectionResults())
                .anySatisfy(result -> assertThat(result.topic()).isEqualTo(topic))
                .allSatisfy(result -> assertThat(result.partitionResult()).isEmpty());
        try (Admin admin = clients.admin()) {
            assertThat(get(admin.electLeaders(ElectionType.PREFERRED, null).partitions()))
                    .isEmpty();
        }
    }

    @Test
    void anElectionThatIsNotNeededOrNotPossibleIsRefusedPerPartition() {
        String topic = clients.topic(1);
        assertThat(elect(0, topic, 0)).containsExactly("NONE", "ELECTION_NOT_NEEDED");
        assertThat(elect(0, topic, 9))
                .containsExactly("NONE", "UNKNOWN_TOPIC_OR_PARTITION: No such partition as " + topic + "-9");
        assertThat(elect(0, "nobody", 0))
                .containsExactly("NONE", "UNKNOWN_TOPIC_OR_PARTITION: No such topic as nobody");
        assertThat(elect(9, topic, 0)).containsExactly("INVALID_REQUEST", "INVALID_REQUEST: Unknown election type 9");
    }

    private List<String> elect(int type, String topic, int partition) {
        var topics = new ElectLeadersRequestData.TopicPartitionsCollection();
        topics.add(new ElectLeadersRequestData.TopicPartitions().setTopic(topic).setPartitions(List.of(partition)));
        var request = new ElectLeadersRequestData()
                .setElectionType((byte) type)
                .setTimeoutMs(10_000)
                .setTopicPartitions(topics);
        var answer = connection.call(ApiKeys.ELECT_LEADERS, 2, request, ElectLeadersResponseData.class);
        var said = new ArrayList<>(List.of(Errors.forCode(answer.errorCode()).name()));
        answer.replicaElectionResults()
                .forEach(result -> result.partitionResult().forEach(one -> {
                    Errors error = Errors.forCode(one.errorCode());
                    said.add(
                            error == Errors.ELECTION_NOT_NEEDED
                                    ? error.name()
                                    : error.name() + ": " + one.errorMessage());
                }));
        return said;
    }
}
