package io.kafscale.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.broker.request.BrokerSettings;
import io.kafscale.broker.request.BrokerSettings.TopicDefaults;
import io.kafscale.broker.request.ClusterView;
import io.kafscale.log.LogException;
import io.kafscale.metastore.cluster.TopicRecord;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What single requests are answered where it matters how. */
class HandlersTest {
    private TestCluster cluster;
    private TestGroups groups;
    private RequestRouter router;
    private TopicRecord topic;

    @BeforeEach
    void start() {
        cluster = new TestCluster(9092);
        groups = new TestGroups(cluster);
        router = new RequestRouter(cluster.context(groups.host.operations()));
        topic = cluster.topic("t", 1, Map.of());
    }

    @AfterEach
    void stop() {
        groups.close();
        cluster.close();
        assertThat(cluster.loopFailures).isEmpty();
    }

    private <T extends ApiMessage> T call(ApiKeys api, int version, ApiMessage request, Class<T> response) {
        return response.cast(TestCluster.call(router, api, version, request).data());
    }

    private ProduceResponseData.PartitionProduceResponse produce(int acks, MemoryRecords records) {
        return produce(acks, 1000, records);
    }

    private ProduceResponseData.PartitionProduceResponse produce(int acks, int timeoutMs, MemoryRecords records) {
        return Objects.requireNonNull(
                        produceAnswer(acks, timeoutMs, records).responses().find("t", Uuid.ZERO_UUID))
                .partitionResponses()
                .getFirst();
    }

    private ProduceResponseData produceAnswer(int acks, int timeoutMs, MemoryRecords records) {
        var requested = new ProduceRequestData.TopicProduceData().setName("t");
        requested.partitionData().add(new ProduceRequestData.PartitionProduceData().setRecords(records));
        var data = new ProduceRequestData().setAcks((short) acks).setTimeoutMs(timeoutMs);
        data.topicData().add(requested);
        return call(ApiKeys.PRODUCE, 12, data, ProduceResponseData.class);
    }

    private static MemoryRecords records(int count) {
        SimpleRecord[] records = new SimpleRecord[count];
        for (int i = 0; i < count; i++) {
            records[i] = new SimpleRecord(1000 + i, new byte[10]);
        }
        return MemoryRecords.withRecords(Compression.NONE, records);
    }

    private FetchResponseData.PartitionData fetch(long offset) {
        return fetchAnswer(offset).responses().getFirst().partitions().getFirst();
    }

    private FetchResponseData fetchAnswer(long offset) {
        var requested = new FetchRequestData.FetchTopic().setTopicId(ClusterView.toKafka(topic.id()));
        requested
                .partitions()
                .add(new FetchRequestData.FetchPartition()
                        .setFetchOffset(offset)
                        .setPartitionMaxBytes(1 << 20));
        var data = new FetchRequestData().setMaxWaitMs(0).setMaxBytes(1 << 20);
        data.topics().add(requested);
        return call(ApiKeys.FETCH, 17, data, FetchResponseData.class);
    }

    @Test
    void whatIsProducedIsFetchedFromTheBatchThatContainsTheOffset() {
        assertThat(produce(-1, records(3)).baseOffset()).isZero();
        assertThat(produce(1, records(2)).baseOffset()).isEqualTo(3);
        FetchResponseData.PartitionData fetched = fetch(4);
        assertThat(fetched.highWatermark()).isEqualTo(5);
        assertThat(fetched.lastStableOffset()).isEqualTo(5);
        assertThat(((MemoryRecords) fetched.records()).batches())
                .singleElement()
                .satisfies(batch -> assertThat(batch.baseOffset()).isEqualTo(3));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void theTimeoutIsForAcknowledgementByAllOnly(int acks) {
        assertThat(Errors.forCode(produce(acks, 0, records(1)).errorCode())).isEqualTo(Errors.NONE);
        assertThat(Errors.forCode(produce(acks, -1, records(1)).errorCode())).isEqualTo(Errors.NONE);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, -2, 7})
    void otherAcksAreRefused(int acks) {
        var answer = produce(acks, records(1));
        assertThat(Errors.forCode(answer.errorCode())).isEqualTo(Errors.INVALID_REQUIRED_ACKS);
        assertThat(answer.baseOffset()).isEqualTo(-1);
    }

    @Test
    void transactionalRecordsAreRefusedForGood() {
        var answer = produce(
                -1,
                MemoryRecords.withTransactionalRecords(
                        Compression.NONE, 1, (short) 0, 0, new SimpleRecord(1, new byte[1])));
        assertThat(Errors.forCode(answer.errorCode())).isEqualTo(Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
    }

    @Test
    void aFetchBeyondTheEndIsAnsweredWithNothingElse() {
        produce(-1, records(1));
        FetchResponseData.PartitionData fetched = fetch(9);
        assertThat(Errors.forCode(fetched.errorCode())).isEqualTo(Errors.OFFSET_OUT_OF_RANGE);
        assertThat(fetched.highWatermark()).isEqualTo(-1);
        assertThat(fetched.logStartOffset()).isEqualTo(-1);
    }

    @Test
    void aBrokerThatDoesNotLeadSaysWhoDoes() {
        cluster.log.failing = LogException.Kind.NOT_LEADER;
        FetchResponseData.PartitionData fetched = fetch(0);
        assertThat(Errors.forCode(fetched.errorCode())).isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER);
        assertThat(fetched.currentLeader().leaderId()).isEqualTo(TestCluster.NODE);
        assertThat(produce(-1, records(1)).currentLeader().leaderId()).isEqualTo(TestCluster.NODE);
    }

    @Test
    void aBrokerThatWasFencedAsksToBeLeftAloneForAMoment() {
        cluster.log.failing = LogException.Kind.NOT_LEADER;
        assertThat(fetchAnswer(0).throttleTimeMs()).isZero();
        assertThat(produceAnswer(-1, 1000, records(1)).throttleTimeMs()).isZero();
        cluster.log.fenced = true;
        assertThat(fetchAnswer(0).throttleTimeMs()).isPositive();
        assertThat(produceAnswer(-1, 1000, records(1)).throttleTimeMs()).isPositive();
    }

    @Test
    void incrementalFetchSessionsAreDeclined() {
        var full = call(ApiKeys.FETCH, 12, new FetchRequestData().setSessionEpoch(0), FetchResponseData.class);
        assertThat(full.sessionId()).isZero();
        assertThat(Errors.forCode(full.errorCode())).isEqualTo(Errors.NONE);
        var next = call(
                ApiKeys.FETCH, 12, new FetchRequestData().setSessionId(5).setSessionEpoch(1), FetchResponseData.class);
        assertThat(Errors.forCode(next.errorCode())).isEqualTo(Errors.FETCH_SESSION_ID_NOT_FOUND);
    }

    @ParameterizedTest
    @CsvSource({"-1, 3, 1", "-2, 0, 1", "-3, 2, 7", "-4, 0, 8", "-5, -1, 9", "-6, -1, 11", "1001, 0, 1", "5000, -1, 1"})
    void everyQuestionForAnOffsetHasItsAnswer(long timestamp, long offset, int since) {
        produce(-1, records(3));
        for (int version = 1; version <= 11; version++) {
            var partition = new ListOffsetsRequestData.ListOffsetsPartition().setTimestamp(timestamp);
            var request = new ListOffsetsRequestData()
                    .setReplicaId(-1)
                    .setTopics(List.of(new ListOffsetsRequestData.ListOffsetsTopic()
                            .setName("t")
                            .setPartitions(List.of(partition))));
            var answer = call(ApiKeys.LIST_OFFSETS, version, request, ListOffsetsResponseData.class)
                    .topics()
                    .getFirst()
                    .partitions()
                    .getFirst();
            assertThat(Errors.forCode(answer.errorCode()))
                    .isEqualTo(version < since ? Errors.UNSUPPORTED_VERSION : Errors.NONE);
            assertThat(answer.offset()).isEqualTo(version < since ? -1 : offset);
        }
    }

    private MetadataResponseData.MetadataResponseTopic metadata(RequestRouter asked, String name, boolean mayCreate) {
        var request = new MetadataRequestData()
                .setAllowAutoTopicCreation(mayCreate)
                .setTopics(List.of(new MetadataRequestData.MetadataRequestTopic().setName(name)));
        var response = (MetadataResponseData)
                TestCluster.call(asked, ApiKeys.METADATA, 12, request).data();
        return response.topics().stream().findFirst().orElseThrow();
    }

    @Test
    void aTopicIsCreatedOnlyWhereBrokerAndClientAllowIt() {
        assertThat(Errors.forCode(metadata(router, "a", false).errorCode()))
                .isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
        var context = cluster.context(
                groups.host.operations(),
                BrokerSettings.defaults(TestCluster.NODE, TestCluster.CLUSTER_ID, "memory:")
                        .withTopics(new TopicDefaults(false, 1, 64 << 20, 1000)));
        assertThat(Errors.forCode(
                        metadata(new RequestRouter(context), "a", true).errorCode()))
                .isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
        var created = metadata(router, "a", true);
        assertThat(Errors.forCode(created.errorCode())).isEqualTo(Errors.NONE);
        assertThat(created.partitions())
                .singleElement()
                .satisfies(partition -> assertThat(partition.leaderId()).isEqualTo(TestCluster.NODE));
        assertThat(Errors.forCode(metadata(router, "not/legal", true).errorCode()))
                .isEqualTo(Errors.INVALID_TOPIC_EXCEPTION);
    }

    @Test
    void aTopicThatIsNotServedInTimeIsReportedAsSuch() {
        cluster.log.neverReady = true;
        var topics = new CreateTopicsRequestData.CreatableTopicCollection();
        topics.add(new CreateTopicsRequestData.CreatableTopic()
                .setName("slow")
                .setNumPartitions(1)
                .setReplicationFactor((short) 1));
        var request = new CreateTopicsRequestData().setTimeoutMs(50).setTopics(topics);
        var answer = call(ApiKeys.CREATE_TOPICS, 7, request, CreateTopicsResponseData.class);
        assertThat(Errors.forCode(
                        Objects.requireNonNull(answer.topics().find("slow")).errorCode()))
                .isEqualTo(Errors.REQUEST_TIMED_OUT);
    }

    @Test
    void aCoordinatorOfTransactionsIsRefusedForGood() {
        for (int version = 1; version <= 6; version++) {
            var request = new FindCoordinatorRequestData().setKeyType((byte) 1);
            var answer = call(
                    ApiKeys.FIND_COORDINATOR,
                    version,
                    version < 4 ? request.setKey("tx") : request.setCoordinatorKeys(List.of("tx")),
                    FindCoordinatorResponseData.class);
            short code = version < 4
                    ? answer.errorCode()
                    : answer.coordinators().getFirst().errorCode();
            assertThat(Errors.forCode(code)).isEqualTo(Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
        }
    }

    @Test
    void everyProducerGetsAnIdOfItsOwn() {
        var request = new InitProducerIdRequestData().setTransactionalId(null).setTransactionTimeoutMs(1);
        var ids = IntStream.range(0, 30)
                .mapToObj(i -> call(ApiKeys.INIT_PRODUCER_ID, 4, request, InitProducerIdResponseData.class)
                        .producerId())
                .toList();
        assertThat(ids).doesNotHaveDuplicates().allSatisfy(id -> assertThat(id).isNotNegative());
    }

    @Test
    void anOffsetThatWasNeverCommittedIsMinusOne() {
        for (int version = 1; version <= 7; version++) {
            var request = new OffsetFetchRequestData()
                    .setGroupId("g")
                    .setTopics(List.of(new OffsetFetchRequestData.OffsetFetchRequestTopic()
                            .setName("t")
                            .setPartitionIndexes(List.of(0))));
            var answer = call(ApiKeys.OFFSET_FETCH, version, request, OffsetFetchResponseData.class);
            assertThat(answer.topics().getFirst().partitions().getFirst().committedOffset())
                    .isEqualTo(-1);
        }
    }
}
