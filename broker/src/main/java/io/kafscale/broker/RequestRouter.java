package io.kafscale.broker;

import io.kafscale.broker.admin.AlterConfigsHandler;
import io.kafscale.broker.admin.AlterReplicaLogDirsHandler;
import io.kafscale.broker.admin.CreatePartitionsHandler;
import io.kafscale.broker.admin.CreateTopicsHandler;
import io.kafscale.broker.admin.DeleteRecordsHandler;
import io.kafscale.broker.admin.DeleteTopicsHandler;
import io.kafscale.broker.admin.DescribeConfigsHandler;
import io.kafscale.broker.admin.DescribeLogDirsHandler;
import io.kafscale.broker.admin.DescribeProducersHandler;
import io.kafscale.broker.admin.PlacementHandler;
import io.kafscale.broker.admin.ReassignmentHandler;
import io.kafscale.broker.admin.TopicCreation;
import io.kafscale.broker.cluster.DescribeClusterHandler;
import io.kafscale.broker.cluster.DescribeTopicPartitionsHandler;
import io.kafscale.broker.cluster.FindCoordinatorHandler;
import io.kafscale.broker.cluster.MetadataHandler;
import io.kafscale.broker.fetch.FetchHandler;
import io.kafscale.broker.fetch.LeaderEpochHandler;
import io.kafscale.broker.fetch.ListOffsetsHandler;
import io.kafscale.broker.group.GroupAdminHandler;
import io.kafscale.broker.group.MembershipHandler;
import io.kafscale.broker.group.OffsetCommitHandler;
import io.kafscale.broker.group.OffsetDeleteHandler;
import io.kafscale.broker.group.OffsetFetchHandler;
import io.kafscale.broker.produce.InitProducerIdHandler;
import io.kafscale.broker.produce.ProduceHandler;
import io.kafscale.broker.request.BrokerContext;
import io.kafscale.wire.ApiVersionTable;
import io.kafscale.wire.RequestBuffer;
import io.kafscale.wire.RequestHandler;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.AlterConfigsRequest;
import org.apache.kafka.common.requests.AlterPartitionReassignmentsRequest;
import org.apache.kafka.common.requests.AlterReplicaLogDirsRequest;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.ConsumerGroupDescribeRequest;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatRequest;
import org.apache.kafka.common.requests.CreatePartitionsRequest;
import org.apache.kafka.common.requests.CreateTopicsRequest;
import org.apache.kafka.common.requests.DeleteGroupsRequest;
import org.apache.kafka.common.requests.DeleteRecordsRequest;
import org.apache.kafka.common.requests.DeleteTopicsRequest;
import org.apache.kafka.common.requests.DescribeClusterRequest;
import org.apache.kafka.common.requests.DescribeConfigsRequest;
import org.apache.kafka.common.requests.DescribeGroupsRequest;
import org.apache.kafka.common.requests.DescribeLogDirsRequest;
import org.apache.kafka.common.requests.DescribeProducersRequest;
import org.apache.kafka.common.requests.DescribeTopicPartitionsRequest;
import org.apache.kafka.common.requests.ElectLeadersRequest;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FindCoordinatorRequest;
import org.apache.kafka.common.requests.HeartbeatRequest;
import org.apache.kafka.common.requests.IncrementalAlterConfigsRequest;
import org.apache.kafka.common.requests.InitProducerIdRequest;
import org.apache.kafka.common.requests.JoinGroupRequest;
import org.apache.kafka.common.requests.LeaveGroupRequest;
import org.apache.kafka.common.requests.ListGroupsRequest;
import org.apache.kafka.common.requests.ListOffsetsRequest;
import org.apache.kafka.common.requests.ListPartitionReassignmentsRequest;
import org.apache.kafka.common.requests.ListTransactionsRequest;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.OffsetCommitRequest;
import org.apache.kafka.common.requests.OffsetDeleteRequest;
import org.apache.kafka.common.requests.OffsetFetchRequest;
import org.apache.kafka.common.requests.OffsetsForLeaderEpochRequest;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.SyncGroupRequest;

/** Gives each request to the handler of its API: the one place that knows them all. Thread-safe. */
public final class RequestRouter implements RequestHandler {
    private final ApiVersionTable versions;
    private final ProduceHandler produce;
    private final InitProducerIdHandler producerIds;
    private final FetchHandler fetch;
    private final ListOffsetsHandler listOffsets;
    private final LeaderEpochHandler leaderEpochs;
    private final MetadataHandler metadata;
    private final FindCoordinatorHandler findCoordinator;
    private final DescribeClusterHandler describeCluster;
    private final DescribeTopicPartitionsHandler describeTopicPartitions;
    private final MembershipHandler membership;
    private final GroupAdminHandler groupAdmin;
    private final OffsetCommitHandler offsetCommit;
    private final OffsetFetchHandler offsetFetch;
    private final OffsetDeleteHandler offsetDelete;
    private final CreateTopicsHandler createTopics;
    private final DeleteTopicsHandler deleteTopics;
    private final CreatePartitionsHandler createPartitions;
    private final DeleteRecordsHandler deleteRecords;
    private final DescribeConfigsHandler describeConfigs;
    private final AlterConfigsHandler alterConfigs;
    private final DescribeLogDirsHandler describeLogDirs;
    private final DescribeProducersHandler describeProducers;
    private final PlacementHandler placement;
    private final ReassignmentHandler reassignments;
    private final AlterReplicaLogDirsHandler alterReplicaLogDirs;

    /** A router whose handlers work with these collaborators. */
    public RequestRouter(BrokerContext broker) {
        versions = versions();
        var creation = new TopicCreation(broker);
        produce = new ProduceHandler(broker);
        producerIds = new InitProducerIdHandler(broker);
        fetch = new FetchHandler(broker);
        listOffsets = new ListOffsetsHandler(broker);
        leaderEpochs = new LeaderEpochHandler(broker);
        metadata = new MetadataHandler(broker, creation);
        findCoordinator = new FindCoordinatorHandler(broker);
        describeCluster = new DescribeClusterHandler(broker);
        describeTopicPartitions = new DescribeTopicPartitionsHandler(broker);
        membership = new MembershipHandler(broker.groups());
        groupAdmin = new GroupAdminHandler(broker.groups());
        offsetCommit = new OffsetCommitHandler(broker);
        offsetFetch = new OffsetFetchHandler(broker);
        offsetDelete = new OffsetDeleteHandler(broker);
        createTopics = new CreateTopicsHandler(broker, creation);
        deleteTopics = new DeleteTopicsHandler(broker);
        createPartitions = new CreatePartitionsHandler(broker, creation);
        deleteRecords = new DeleteRecordsHandler(broker);
        describeConfigs = new DescribeConfigsHandler(broker);
        alterConfigs = new AlterConfigsHandler(broker);
        describeLogDirs = new DescribeLogDirsHandler(broker);
        describeProducers = new DescribeProducersHandler(broker);
        placement = new PlacementHandler(broker);
        reassignments = new ReassignmentHandler(broker);
        alterReplicaLogDirs = new AlterReplicaLogDirsHandler(broker);
    }

    /** The APIs and versions served: all that the protocol library can parse. */
    public static ApiVersionTable versions() {
        return ApiVersionTable.of(ServedApi.keys());
    }

    @Override
    public CompletionStage<? extends AbstractResponse> handle(
            RequestContext context, AbstractRequest request, RequestBuffer buffer) {
        try {
            return route(context, request, buffer);
        } catch (ApiException refused) {
            return CompletableFuture.failedFuture(refused);
        }
    }

    private CompletionStage<? extends AbstractResponse> route(
            RequestContext context, AbstractRequest request, RequestBuffer buffer) {
        return switch (ServedApi.of(request.apiKey())) {
            case PRODUCE -> produce.handle(context, (ProduceRequest) request);
            case FETCH -> fetch.handle(context, (FetchRequest) request, buffer);
            case LIST_OFFSETS -> listOffsets.handle(context, (ListOffsetsRequest) request);
            case METADATA -> metadata.handle(context, (MetadataRequest) request);
            case OFFSET_COMMIT -> offsetCommit.handle(context, (OffsetCommitRequest) request);
            case OFFSET_FETCH -> offsetFetch.handle(context, (OffsetFetchRequest) request);
            case FIND_COORDINATOR -> findCoordinator.handle(context, (FindCoordinatorRequest) request);
            case JOIN_GROUP -> membership.join(context, (JoinGroupRequest) request);
            case HEARTBEAT -> membership.heartbeat(context, (HeartbeatRequest) request);
            case LEAVE_GROUP -> membership.leave(context, (LeaveGroupRequest) request);
            case SYNC_GROUP -> membership.sync(context, (SyncGroupRequest) request);
            case DESCRIBE_GROUPS -> groupAdmin.describe(context, (DescribeGroupsRequest) request);
            case LIST_GROUPS -> groupAdmin.list(context, (ListGroupsRequest) request);
            case API_VERSIONS -> CompletableFuture.completedFuture(versions.answer((ApiVersionsRequest) request));
            case CREATE_TOPICS -> createTopics.handle((CreateTopicsRequest) request);
            case DELETE_TOPICS -> deleteTopics.handle((DeleteTopicsRequest) request);
            case DELETE_RECORDS -> deleteRecords.handle((DeleteRecordsRequest) request);
            case INIT_PRODUCER_ID -> producerIds.handle((InitProducerIdRequest) request);
            case OFFSET_FOR_LEADER_EPOCH -> leaderEpochs.handle((OffsetsForLeaderEpochRequest) request);
            case DESCRIBE_CONFIGS -> describeConfigs.handle((DescribeConfigsRequest) request);
            case ALTER_CONFIGS -> alterConfigs.replace((AlterConfigsRequest) request);
            case ALTER_REPLICA_LOG_DIRS -> alterReplicaLogDirs.handle((AlterReplicaLogDirsRequest) request);
            case DESCRIBE_LOG_DIRS -> describeLogDirs.handle((DescribeLogDirsRequest) request);
            case CREATE_PARTITIONS -> createPartitions.handle((CreatePartitionsRequest) request);
            case DELETE_GROUPS -> groupAdmin.delete(context, (DeleteGroupsRequest) request);
            case ELECT_LEADERS -> placement.electLeaders(context, (ElectLeadersRequest) request);
            case INCREMENTAL_ALTER_CONFIGS -> alterConfigs.change((IncrementalAlterConfigsRequest) request);
            case ALTER_PARTITION_REASSIGNMENTS -> reassignments.alter((AlterPartitionReassignmentsRequest) request);
            case LIST_PARTITION_REASSIGNMENTS -> reassignments.list((ListPartitionReassignmentsRequest) request);
            case OFFSET_DELETE -> offsetDelete.handle(context, (OffsetDeleteRequest) request);
            case DESCRIBE_CLUSTER -> describeCluster.handle((DescribeClusterRequest) request);
            case DESCRIBE_PRODUCERS -> describeProducers.handle((DescribeProducersRequest) request);
            case LIST_TRANSACTIONS -> placement.listTransactions((ListTransactionsRequest) request);
            case CONSUMER_GROUP_HEARTBEAT ->
                membership.consumerHeartbeat(context, (ConsumerGroupHeartbeatRequest) request);
            case CONSUMER_GROUP_DESCRIBE ->
                groupAdmin.describeConsumerGroups(context, (ConsumerGroupDescribeRequest) request);
            case DESCRIBE_TOPIC_PARTITIONS -> describeTopicPartitions.handle((DescribeTopicPartitionsRequest) request);
        };
    }
}
