package io.kafscale.coordinator;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ConsumerGroupDescribeRequest;
import org.apache.kafka.common.requests.DeleteGroupsRequest;
import org.apache.kafka.common.requests.DescribeGroupsRequest;
import org.apache.kafka.common.requests.OffsetCommitRequest;
import org.apache.kafka.common.requests.OffsetFetchResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/**
 * Kafka's coordinator behind our interface. Answers that write nothing are not covered by the fence of the writes: a broker that was
 * cut off would go on giving them. So each is given only if the host may still answer once it is known, which proves that nobody
 * else owned the shard when it was computed. Thread-safe.
 */
final class GuardedGroupOperations implements GroupOperations {
    private final GroupCoordinator coordinator;
    private final ShardGuard guard;
    private final Function<String, Uuid> topicIds;

    GuardedGroupOperations(GroupCoordinator coordinator, ShardGuard guard, Function<String, Uuid> topicIds) {
        this.coordinator = coordinator;
        this.guard = guard;
        this.topicIds = topicIds;
    }

    @Override
    public int shardOf(String group) {
        return coordinator.partitionFor(group);
    }

    private <T> CompletableFuture<T> guarded(
            String group, Supplier<CompletableFuture<T>> operation, Supplier<T> refusal) {
        return guarded(List.of(group), operation, refusal);
    }

    private <T> CompletableFuture<T> guarded(
            List<String> groups, Supplier<CompletableFuture<T>> operation, Supplier<T> refusal) {
        return guarded(guard.of(groups), operation, refusal);
    }

    private <T> CompletableFuture<T> guarded(
            BooleanSupplier ours, Supplier<CompletableFuture<T>> operation, Supplier<T> refusal) {
        return operation.get().thenApply(result -> ours.getAsBoolean() ? result : refusal.get());
    }

    @Override
    public CompletableFuture<JoinGroupResponseData> joinGroup(RequestContext context, JoinGroupRequestData request) {
        return guarded(
                request.groupId(),
                () -> coordinator.joinGroup(context, request, BufferSupplier.NO_CACHING),
                () -> new JoinGroupResponseData()
                        .setMemberId(request.memberId())
                        .setErrorCode(Errors.NOT_COORDINATOR.code()));
    }

    @Override
    public CompletableFuture<SyncGroupResponseData> syncGroup(RequestContext context, SyncGroupRequestData request) {
        return guarded(
                request.groupId(),
                () -> coordinator.syncGroup(context, request, BufferSupplier.NO_CACHING),
                () -> new SyncGroupResponseData().setErrorCode(Errors.NOT_COORDINATOR.code()));
    }

    @Override
    public CompletableFuture<HeartbeatResponseData> heartbeat(RequestContext context, HeartbeatRequestData request) {
        return guarded(
                request.groupId(),
                () -> coordinator.heartbeat(context, request),
                () -> new HeartbeatResponseData().setErrorCode(Errors.NOT_COORDINATOR.code()));
    }

    @Override
    public CompletableFuture<LeaveGroupResponseData> leaveGroup(RequestContext context, LeaveGroupRequestData request) {
        return guarded(
                request.groupId(),
                () -> coordinator.leaveGroup(context, request),
                () -> new LeaveGroupResponseData().setErrorCode(Errors.NOT_COORDINATOR.code()));
    }

    @Override
    public CompletableFuture<ConsumerGroupHeartbeatResponseData> consumerGroupHeartbeat(
            RequestContext context, ConsumerGroupHeartbeatRequestData request) {
        return guarded(
                request.groupId(),
                () -> coordinator.consumerGroupHeartbeat(context, request),
                () -> new ConsumerGroupHeartbeatResponseData().setErrorCode(Errors.NOT_COORDINATOR.code()));
    }

    @Override
    public CompletableFuture<List<ConsumerGroupDescribeResponseData.DescribedGroup>> consumerGroupDescribe(
            RequestContext context, List<String> groups) {
        return guarded(
                groups,
                () -> coordinator.consumerGroupDescribe(context, groups),
                () -> ConsumerGroupDescribeRequest.getErrorDescribedGroupList(groups, Errors.NOT_COORDINATOR));
    }

    @Override
    public CompletableFuture<List<DescribeGroupsResponseData.DescribedGroup>> describeGroups(
            RequestContext context, List<String> groups) {
        return guarded(
                groups,
                () -> coordinator.describeGroups(context, groups),
                () -> DescribeGroupsRequest.getErrorDescribedGroupList(groups, Errors.NOT_COORDINATOR));
    }

    @Override
    public CompletableFuture<ListGroupsResponseData> listGroups(RequestContext context, ListGroupsRequestData request) {
        return guarded(
                guard.ofAll(),
                () -> coordinator.listGroups(context, request),
                () -> new ListGroupsResponseData().setErrorCode(Errors.COORDINATOR_NOT_AVAILABLE.code()));
    }

    @Override
    public CompletableFuture<DeleteGroupsResponseData.DeletableGroupResultCollection> deleteGroups(
            RequestContext context, List<String> groups) {
        return guarded(
                groups,
                () -> coordinator.deleteGroups(context, groups, BufferSupplier.NO_CACHING),
                () -> DeleteGroupsRequest.getErrorResultCollection(groups, Errors.NOT_COORDINATOR));
    }

    /** A commit that was stored was stored under the fence and needs no other proof; one that was refused does. */
    @Override
    public CompletableFuture<OffsetCommitResponseData> commitOffsets(
            RequestContext context, OffsetCommitRequestData request) {
        for (var topic : request.topics()) {
            if (topic.topicId().equals(Uuid.ZERO_UUID)) {
                topic.setTopicId(topicIds.apply(topic.name()));
            }
        }
        BooleanSupplier ours = guard.of(List.of(request.groupId()));
        return coordinator
                .commitOffsets(context, request, BufferSupplier.NO_CACHING)
                .thenApply(answer -> stored(answer) || ours.getAsBoolean()
                        ? answer
                        : OffsetCommitRequest.getErrorResponse(request, Errors.NOT_COORDINATOR));
    }

    private static boolean stored(OffsetCommitResponseData answer) {
        return answer.topics().stream()
                .flatMap(topic -> topic.partitions().stream())
                .allMatch(partition -> partition.errorCode() == Errors.NONE.code());
    }

    @Override
    public CompletableFuture<OffsetFetchResponseGroup> fetchOffsets(
            RequestContext context, OffsetFetchRequestGroup request, boolean requireStable) {
        if (request.topics() != null) {
            for (var topic : request.topics()) {
                if (topic.topicId().equals(Uuid.ZERO_UUID)) {
                    topic.setTopicId(topicIds.apply(topic.name()));
                }
            }
        }
        return guarded(
                request.groupId(),
                () -> coordinator
                        .fetchOffsets(context, request, requireStable)
                        .exceptionally(failure -> groupError(context, request, Errors.forException(failure))),
                () -> groupError(context, request, Errors.NOT_COORDINATOR));
    }

    private static OffsetFetchResponseGroup groupError(
            RequestContext context, OffsetFetchRequestGroup request, Errors error) {
        return OffsetFetchResponse.groupError(request, error, context.requestVersion());
    }

    @Override
    public CompletableFuture<OffsetDeleteResponseData> deleteOffsets(
            RequestContext context, OffsetDeleteRequestData request) {
        return guarded(
                request.groupId(),
                () -> coordinator.deleteOffsets(context, request, BufferSupplier.NO_CACHING),
                () -> new OffsetDeleteResponseData().setErrorCode(Errors.NOT_COORDINATOR.code()));
    }
}
