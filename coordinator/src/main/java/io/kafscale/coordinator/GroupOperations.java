package io.kafscale.coordinator;

import java.util.List;
import java.util.concurrent.CompletableFuture;
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
import org.apache.kafka.common.requests.RequestContext;

/**
 * The group APIs. Each call returns at once and may be made on any thread; futures complete on a thread of the coordinator, with
 * response data whose error codes tell what went wrong, and exceptionally only for a bug. A group whose shard is not active here is
 * answered {@code NOT_COORDINATOR} or {@code COORDINATOR_LOAD_IN_PROGRESS}.
 *
 * <p>Request data is used after the call returns: it must not be changed or built on a buffer that is reused. What Kafka's broker
 * does before its coordinator is asked is the caller's: authorization, topic ids to names (and the names in the answers back to
 * ids), and {@code UNKNOWN_TOPIC_OR_PARTITION} for partitions that do not exist. Names without an id are given the id that
 * {@link GroupCoordinatorHost#publishTopics} last said, so that an offset committed to a topic is not seen under a later topic of
 * the same name.
 */
public interface GroupOperations {
    /** The shard that a group belongs to, here or elsewhere. */
    int shardOf(String group);

    /** Joins a classic group; completes when the rebalance does. */
    CompletableFuture<JoinGroupResponseData> joinGroup(RequestContext context, JoinGroupRequestData request);

    /** Hands in or waits for the assignment of a classic group's generation. */
    CompletableFuture<SyncGroupResponseData> syncGroup(RequestContext context, SyncGroupRequestData request);

    /** Keeps a classic member alive. */
    CompletableFuture<HeartbeatResponseData> heartbeat(RequestContext context, HeartbeatRequestData request);

    /** Removes classic or KIP-848 members; takes the normalized form ({@code LeaveGroupRequest.normalizedData()}). */
    CompletableFuture<LeaveGroupResponseData> leaveGroup(RequestContext context, LeaveGroupRequestData request);

    /** The one call of a KIP-848 member: joins, keeps alive, acknowledges, leaves. */
    CompletableFuture<ConsumerGroupHeartbeatResponseData> consumerGroupHeartbeat(
            RequestContext context, ConsumerGroupHeartbeatRequestData request);

    /** Describes KIP-848 groups, in any order. */
    CompletableFuture<List<ConsumerGroupDescribeResponseData.DescribedGroup>> consumerGroupDescribe(
            RequestContext context, List<String> groups);

    /** Describes classic groups (and KIP-848 groups as classic ones), in any order. */
    CompletableFuture<List<DescribeGroupsResponseData.DescribedGroup>> describeGroups(
            RequestContext context, List<String> groups);

    /** Lists the groups of the shards that are active here. */
    CompletableFuture<ListGroupsResponseData> listGroups(RequestContext context, ListGroupsRequestData request);

    /** Deletes empty groups with their offsets. */
    CompletableFuture<DeleteGroupsResponseData.DeletableGroupResultCollection> deleteGroups(
            RequestContext context, List<String> groups);

    /** Commits offsets; answers when they are stored. */
    CompletableFuture<OffsetCommitResponseData> commitOffsets(RequestContext context, OffsetCommitRequestData request);

    /**
     * Reads the committed offsets of one group; null topics mean all of them.
     *
     * @param requireStable wait for commits that are under way
     */
    CompletableFuture<OffsetFetchResponseGroup> fetchOffsets(
            RequestContext context, OffsetFetchRequestGroup request, boolean requireStable);

    /** Deletes committed offsets of topics that the group is not subscribed to. */
    CompletableFuture<OffsetDeleteResponseData> deleteOffsets(RequestContext context, OffsetDeleteRequestData request);
}
