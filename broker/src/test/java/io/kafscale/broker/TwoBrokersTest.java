package io.kafscale.broker;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.kafscale.broker.request.ClusterView;
import io.kafscale.metastore.cluster.BrokerAvailability;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.LeadershipPlan;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.RegisterResult;
import io.kafscale.metastore.cluster.TopicRecord;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData.ReassignablePartition;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData.ReassignableTopic;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeLogDirsResponseData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.message.ElectLeadersRequestData;
import org.apache.kafka.common.message.ElectLeadersResponseData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData.OngoingPartitionReassignment;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseBroker;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.AbstractResponse;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What one broker of two tells of the other. */
class TwoBrokersTest {
    private static final int OTHER = 5;

    private TestCluster cluster;
    private TestGroups groups;
    private RequestRouter router;
    private RegisterResult.Registered otherRegistered;
    private BrokerIncarnation other;
    private TopicRecord topic;

    @BeforeEach
    void start() {
        cluster = new TestCluster(9092);
        groups = new TestGroups(cluster);
        router = new RequestRouter(cluster.context(groups.host.operations()));
        topic = cluster.topic("t", 2, Map.of());
        otherRegistered = cluster.register(OTHER, 9095, "rack-2");
        other = otherRegistered.registration().value().incarnation();
        cluster.serve(cluster.incarnation);
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

    private <T extends ApiMessage> T call(ApiKeys api, ApiMessage request, Class<T> response) {
        return call(api, RequestRouter.versions().maxVersion(api), request, response);
    }

    private PartitionId partition(int number) {
        return new PartitionId(topic.id(), number);
    }

    private MetadataResponseData metadata() {
        var asked = new MetadataRequestData.MetadataRequestTopic().setName("t");
        return call(ApiKeys.METADATA, new MetadataRequestData().setTopics(List.of(asked)), MetadataResponseData.class);
    }

    private MetadataResponsePartition shown(int number) {
        return metadata().topics().stream().findFirst().orElseThrow().partitions().stream()
                .filter(partition -> partition.partitionIndex() == number)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aBrokerIsShownFromTheMomentItServesUntilItIsGone() {
        assertThat(metadata().brokers())
                .extracting(MetadataResponseBroker::nodeId)
                .as("the other is starting")
                .containsExactly(TestCluster.NODE);
        cluster.serve(other);
        assertThat(metadata().brokers())
                .extracting(MetadataResponseBroker::nodeId, MetadataResponseBroker::port, MetadataResponseBroker::rack)
                .containsExactlyInAnyOrder(tuple(TestCluster.NODE, 9092, "rack-1"), tuple(OTHER, 9095, "rack-2"));
        TestCluster.await(cluster.placement.setAvailability(cluster.incarnation, BrokerAvailability.State.DRAINING));
        cluster.catchUp();
        assertThat(metadata().brokers()).as("who drains still leads").hasSize(2);
        assertThat(metadata().controllerId())
                .as("but is not one to send tasks to")
                .isEqualTo(OTHER);
        TestCluster.await(otherRegistered.lease().revoke());
        cluster.catchUp();
        assertThat(metadata().brokers())
                .extracting(MetadataResponseBroker::nodeId)
                .containsExactly(TestCluster.NODE);
    }

    @Test
    void everyAnswerNamesTheSameControllerAndBrokers() {
        cluster.serve(other);
        var described =
                call(ApiKeys.DESCRIBE_CLUSTER, new DescribeClusterRequestData(), DescribeClusterResponseData.class);
        assertThat(described.controllerId())
                .isEqualTo(TestCluster.NODE)
                .isEqualTo(metadata().controllerId());
        assertThat(described.brokers())
                .extracting(DescribeClusterResponseData.DescribeClusterBroker::brokerId)
                .containsExactlyInAnyOrder(TestCluster.NODE, OTHER);
        assertThat(requireNonNull(described.brokers().find(OTHER)).rack()).isEqualTo("rack-2");
    }

    @Test
    void theLeaderIsTheOneOfTheRecordWhileItLives() {
        cluster.serve(other);
        cluster.handOver(partition(1), other);
        assertThat(shown(0).leaderId()).isEqualTo(TestCluster.NODE);
        assertThat(shown(1).leaderId()).isEqualTo(OTHER);
        assertThat(shown(1).leaderEpoch()).isEqualTo(1);
        assertThat(shown(1).replicaNodes()).containsExactly(OTHER);
        assertThat(shown(1).isrNodes()).containsExactly(OTHER);

        TestCluster.await(otherRegistered.lease().revoke());
        cluster.catchUp();
        assertThat(Errors.forCode(shown(1).errorCode())).isEqualTo(Errors.NONE);
        assertThat(shown(1).leaderId()).as("who is to take it").isEqualTo(TestCluster.NODE);
        assertThat(shown(1).leaderEpoch()).as("it does not lead yet").isEqualTo(-1);
        var described = call(
                        ApiKeys.DESCRIBE_TOPIC_PARTITIONS,
                        new DescribeTopicPartitionsRequestData(),
                        DescribeTopicPartitionsResponseData.class)
                .topics()
                .stream()
                .findFirst()
                .orElseThrow()
                .partitions()
                .get(1);
        assertThat(described.leaderId())
                .as("an operator is told what is so now")
                .isEqualTo(-1);
        assertThat(described.isrNodes()).isEmpty();
        assertThat(described.replicaNodes()).containsExactly(TestCluster.NODE);
        assertThat(described.offlineReplicas()).containsExactly(TestCluster.NODE);
    }

    @Test
    void whereNobodyServesNobodyIsAboutToLead() {
        cluster.serve(other);
        cluster.handOver(partition(1), other);
        TestCluster.await(cluster.placement.setAvailability(cluster.incarnation, BrokerAvailability.State.DRAINING));
        TestCluster.await(otherRegistered.lease().revoke());
        cluster.catchUp();
        assertThat(Errors.forCode(shown(1).errorCode())).isEqualTo(Errors.LEADER_NOT_AVAILABLE);
        assertThat(shown(1).leaderId()).isEqualTo(-1);
        assertThat(shown(1).leaderEpoch()).isEqualTo(1);
        assertThat(shown(1).isrNodes()).isEmpty();
        assertThat(shown(1).replicaNodes()).containsExactly(TestCluster.NODE);
        assertThat(shown(1).offlineReplicas()).containsExactly(TestCluster.NODE);
    }

    private Map<String, FindCoordinatorResponseData.Coordinator> coordinators(List<String> keys) {
        var found = call(
                ApiKeys.FIND_COORDINATOR,
                new FindCoordinatorRequestData().setKeyType((byte) 0).setCoordinatorKeys(keys),
                FindCoordinatorResponseData.class);
        return found.coordinators().stream()
                .collect(Collectors.toMap(FindCoordinatorResponseData.Coordinator::key, coordinator -> coordinator));
    }

    @Test
    void groupsAreFoundWhereThePlanPutsThem() {
        List<String> names = IntStream.range(0, 40).mapToObj(i -> "group-" + i).toList();
        assertThat(coordinators(names).values()).allMatch(coordinator -> coordinator.nodeId() == TestCluster.NODE);
        cluster.serve(other);
        LeadershipPlan plan = LeadershipPlan.of(cluster.images.image());
        Map<String, FindCoordinatorResponseData.Coordinator> found = coordinators(names);
        found.forEach((group, coordinator) -> {
            int shard = groups.host.operations().shardOf(group);
            assertThat(coordinator.nodeId())
                    .isEqualTo(plan.coordinatorOf(shard).orElseThrow().brokerId());
            assertThat(coordinator.port()).isEqualTo(coordinator.nodeId() == OTHER ? 9095 : 9092);
        });
        assertThat(found.values()).anyMatch(coordinator -> coordinator.nodeId() == OTHER);
        TestCluster.await(otherRegistered.lease().revoke());
        TestCluster.await(cluster.own.lease().revoke());
        cluster.catchUp();
        assertThat(coordinators(List.of("g")).values())
                .allMatch(coordinator -> coordinator.errorCode() == Errors.COORDINATOR_NOT_AVAILABLE.code());
    }

    @Test
    void whoProducesOrFetchesAtTheWrongBrokerIsToldTheRightOne() {
        cluster.serve(other);
        cluster.handOver(partition(0), other);
        cluster.log.handOver(topic.id());
        for (int version = RequestRouter.versions().minVersion(ApiKeys.PRODUCE);
                version <= RequestRouter.versions().maxVersion(ApiKeys.PRODUCE);
                version++) {
            if (version >= 3) {
                produceToTheWrongBroker(version);
            }
        }
        for (int version = RequestRouter.versions().minVersion(ApiKeys.FETCH);
                version <= RequestRouter.versions().maxVersion(ApiKeys.FETCH);
                version++) {
            fetchFromTheWrongBroker(version);
        }
    }

    private void produceToTheWrongBroker(int version) {
        var requested = new ProduceRequestData.TopicProduceData();
        if (version >= 13) {
            requested.setTopicId(ClusterView.toKafka(topic.id()));
        } else {
            requested.setName("t");
        }
        requested
                .partitionData()
                .add(new ProduceRequestData.PartitionProduceData()
                        .setRecords(MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(1, new byte[10]))));
        var data = new ProduceRequestData().setAcks((short) -1).setTimeoutMs(1000);
        data.topicData().add(requested);
        var answer = call(ApiKeys.PRODUCE, version, data, ProduceResponseData.class);
        var partition = answer.responses().stream()
                .findFirst()
                .orElseThrow()
                .partitionResponses()
                .getFirst();
        assertThat(Errors.forCode(partition.errorCode())).isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER);
        assertThat(partition.currentLeader().leaderId()).isEqualTo(version >= 10 ? OTHER : -1);
        assertThat(partition.currentLeader().leaderEpoch()).isEqualTo(version >= 10 ? 1 : -1);
        if (version >= 10) {
            assertThat(answer.nodeEndpoints())
                    .singleElement()
                    .isEqualTo(new ProduceResponseData.NodeEndpoint()
                            .setNodeId(OTHER)
                            .setHost("127.0.0.1")
                            .setPort(9095)
                            .setRack("rack-2"));
        } else {
            assertThat(answer.nodeEndpoints()).isEmpty();
        }
    }

    private void fetchFromTheWrongBroker(int version) {
        var requested = new FetchRequestData.FetchTopic();
        if (version >= 13) {
            requested.setTopicId(ClusterView.toKafka(topic.id()));
        } else {
            requested.setTopic("t");
        }
        requested.partitions().add(new FetchRequestData.FetchPartition().setPartitionMaxBytes(1 << 20));
        var data = new FetchRequestData().setMaxWaitMs(0);
        if (version >= 3) {
            data.setMaxBytes(1 << 20);
        }
        data.topics().add(requested);
        var answer = call(ApiKeys.FETCH, version, data, FetchResponseData.class);
        var partition = answer.responses().getFirst().partitions().getFirst();
        assertThat(Errors.forCode(partition.errorCode())).isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER);
        assertThat(partition.currentLeader().leaderId()).isEqualTo(version >= 16 ? OTHER : -1);
        if (version >= 16) {
            assertThat(answer.nodeEndpoints())
                    .singleElement()
                    .satisfies(node -> assertThat(node.rack()).isEqualTo("rack-2"));
        } else {
            assertThat(answer.nodeEndpoints()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"LIST_OFFSETS", "DELETE_RECORDS", "OFFSET_FOR_LEADER_EPOCH", "DESCRIBE_PRODUCERS"})
    void whatOnlyTheLeaderKnowsIsNotToldElsewhere(ServedApi api) {
        cluster.topic("known", 2, Map.of());
        cluster.log.handOver(
                cluster.images.image().topic("known").orElseThrow().value().id());
        var versions = RequestRouter.versions();
        for (int version = versions.minVersion(api.key()); version <= versions.maxVersion(api.key()); version++) {
            ApiMessage request = new VersionedRequests(version, Uuid.randomUuid()).of(api);
            AbstractResponse answer = TestCluster.call(router, api.key(), version, request);
            assertThat(answer.errorCounts())
                    .as("%s", answer)
                    .containsKey(Errors.NOT_LEADER_OR_FOLLOWER)
                    .doesNotContainKeys(Errors.NONE);
        }
    }

    @Test
    void logDirsHoldOnlyWhatIsLedHere() {
        TopicRecord elsewhere = cluster.topic("elsewhere", 2, Map.of());
        cluster.log.handOver(elsewhere.id());
        var described = call(
                ApiKeys.DESCRIBE_LOG_DIRS,
                new DescribeLogDirsRequestData().setTopics(null),
                DescribeLogDirsResponseData.class);
        assertThat(described.results().getFirst().topics())
                .extracting(DescribeLogDirsResponseData.DescribeLogDirsTopic::name)
                .containsExactly("t");
    }

    private Errors elect(int number) {
        var topics = new ElectLeadersRequestData.TopicPartitionsCollection();
        topics.add(new ElectLeadersRequestData.TopicPartitions().setTopic("t").setPartitions(List.of(number)));
        var answer = call(
                ApiKeys.ELECT_LEADERS,
                new ElectLeadersRequestData().setTopicPartitions(topics),
                ElectLeadersResponseData.class);
        return Errors.forCode(answer.replicaElectionResults()
                .getFirst()
                .partitionResult()
                .getFirst()
                .errorCode());
    }

    private Errors reassign(int number, @Nullable List<Integer> replicas) {
        var request = new AlterPartitionReassignmentsRequestData()
                .setTopics(List.of(new ReassignableTopic()
                        .setName("t")
                        .setPartitions(List.of(new ReassignablePartition()
                                .setPartitionIndex(number)
                                .setReplicas(replicas)))));
        var answer =
                call(ApiKeys.ALTER_PARTITION_REASSIGNMENTS, request, AlterPartitionReassignmentsResponseData.class);
        cluster.catchUp();
        return Errors.forCode(
                answer.responses().getFirst().partitions().getFirst().errorCode());
    }

    private List<OngoingPartitionReassignment> ongoing() {
        return call(
                        ApiKeys.LIST_PARTITION_REASSIGNMENTS,
                        new ListPartitionReassignmentsRequestData().setTopics(null),
                        ListPartitionReassignmentsResponseData.class)
                .topics()
                .stream()
                .flatMap(found -> found.partitions().stream())
                .toList();
    }

    @Test
    void aReassignmentIsAPinAndIsUnderWayUntilThatBrokerLeads() {
        cluster.serve(other);
        assertThat(ongoing()).isEmpty();
        assertThat(reassign(1, List.of(OTHER))).isEqualTo(Errors.NONE);
        assertThat(cluster.images.image().pin(partition(1))).contains(OTHER);
        assertThat(ongoing())
                .containsExactly(new OngoingPartitionReassignment()
                        .setPartitionIndex(1)
                        .setReplicas(List.of(TestCluster.NODE, OTHER))
                        .setAddingReplicas(List.of(OTHER))
                        .setRemovingReplicas(List.of(TestCluster.NODE)));
        assertThat(elect(1)).as("it is on its way").isEqualTo(Errors.PREFERRED_LEADER_NOT_AVAILABLE);
        cluster.handOver(partition(1), other);
        assertThat(ongoing()).isEmpty();
        assertThat(elect(1)).isEqualTo(Errors.ELECTION_NOT_NEEDED);
        assertThat(elect(7)).isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(reassign(1, null)).isEqualTo(Errors.NONE);
        assertThat(cluster.images.image().pin(partition(1))).isEmpty();
    }

    @Test
    void whatIsNoReassignmentIsRefused() {
        assertThat(reassign(1, List.of(OTHER))).as("not open yet").isEqualTo(Errors.INVALID_REPLICA_ASSIGNMENT);
        cluster.serve(other);
        assertThat(reassign(1, List.of(OTHER, TestCluster.NODE))).isEqualTo(Errors.INVALID_REPLICA_ASSIGNMENT);
        assertThat(reassign(1, List.of())).isEqualTo(Errors.INVALID_REPLICA_ASSIGNMENT);
        assertThat(reassign(1, List.of(-1))).isEqualTo(Errors.INVALID_REPLICA_ASSIGNMENT);
        assertThat(reassign(1, null)).isEqualTo(Errors.NO_REASSIGNMENT_IN_PROGRESS);
        assertThat(reassign(2, List.of(OTHER))).isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(cluster.images.image().pinned()).isEmpty();
    }

    private Errors alterBroker(String config, byte operation, @Nullable String value) {
        var configs = new IncrementalAlterConfigsRequestData.AlterableConfigCollection();
        configs.add(new IncrementalAlterConfigsRequestData.AlterableConfig()
                .setName(config)
                .setConfigOperation(operation)
                .setValue(value));
        var request = new IncrementalAlterConfigsRequestData();
        request.resources()
                .add(new IncrementalAlterConfigsRequestData.AlterConfigsResource()
                        .setResourceType((byte) 4)
                        .setResourceName("3")
                        .setConfigs(configs));
        var answer = call(ApiKeys.INCREMENTAL_ALTER_CONFIGS, request, IncrementalAlterConfigsResponseData.class);
        return Errors.forCode(answer.responses().getFirst().errorCode());
    }

    @Test
    void throttlesOfReplicationAreAcceptedForThereIsNone() {
        assertThat(alterBroker("leader.replication.throttled.rate", (byte) 0, "1000"))
                .isEqualTo(Errors.NONE);
        assertThat(alterBroker("follower.replication.throttled.rate", (byte) 1, null))
                .isEqualTo(Errors.NONE);
        assertThat(alterBroker("log.retention.ms", (byte) 0, "1000")).isEqualTo(Errors.INVALID_REQUEST);
    }

    @Test
    void aTopicLedElsewhereCanBeUsedOnceItsLeadersAreKnown() {
        cluster.serve(other);
        cluster.leaders = partition -> partition.partition() == 0 ? cluster.incarnation : other;
        TopicRecord created = cluster.topic("shared", 2, Map.of());
        var asked = new MetadataRequestData.MetadataRequestTopic().setName("made");
        var answer = call(
                        ApiKeys.METADATA,
                        new MetadataRequestData().setTopics(List.of(asked)).setAllowAutoTopicCreation(true),
                        MetadataResponseData.class)
                .topics()
                .stream()
                .findFirst()
                .orElseThrow();
        assertThat(Errors.forCode(answer.errorCode())).isEqualTo(Errors.NONE);
        assertThat(cluster.images.image().partitions(created.id())).hasSize(2);
    }
}
