package io.kafscale.broker.group;

import io.kafscale.coordinator.GroupOperations;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatRequest;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatResponse;
import org.apache.kafka.common.requests.HeartbeatRequest;
import org.apache.kafka.common.requests.HeartbeatResponse;
import org.apache.kafka.common.requests.JoinGroupRequest;
import org.apache.kafka.common.requests.JoinGroupResponse;
import org.apache.kafka.common.requests.LeaveGroupRequest;
import org.apache.kafka.common.requests.LeaveGroupResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.SyncGroupRequest;
import org.apache.kafka.common.requests.SyncGroupResponse;

/** Answers what members of groups ask: JoinGroup, SyncGroup, Heartbeat, LeaveGroup and ConsumerGroupHeartbeat. */
public final class MembershipHandler {
    private final GroupOperations groups;

    /** A handler that asks this coordinator. */
    public MembershipHandler(GroupOperations groups) {
        this.groups = groups;
    }

    /** Answers when the rebalance is through. */
    public CompletableFuture<JoinGroupResponse> join(RequestContext context, JoinGroupRequest request) {
        return groups.joinGroup(context, request.data())
                .thenApply(data -> new JoinGroupResponse(data, context.apiVersion()));
    }

    /** Answers when the leader of the group has handed in the assignment. */
    public CompletableFuture<? extends AbstractResponse> sync(RequestContext context, SyncGroupRequest request) {
        if (!request.areMandatoryProtocolTypeAndNamePresent()) {
            return CompletableFuture.completedFuture(
                    request.getErrorResponse(0, Errors.INCONSISTENT_GROUP_PROTOCOL.exception()));
        }
        return groups.syncGroup(context, request.data()).thenApply(SyncGroupResponse::new);
    }

    /** Answers at once. */
    public CompletableFuture<HeartbeatResponse> heartbeat(RequestContext context, HeartbeatRequest request) {
        return groups.heartbeat(context, request.data()).thenApply(HeartbeatResponse::new);
    }

    /** Answers when the members are gone. */
    public CompletableFuture<LeaveGroupResponse> leave(RequestContext context, LeaveGroupRequest request) {
        return groups.leaveGroup(context, request.normalizedData())
                .thenApply(data -> new LeaveGroupResponse(data, context.apiVersion()));
    }

    /** Answers when what changed is stored. */
    public CompletableFuture<ConsumerGroupHeartbeatResponse> consumerHeartbeat(
            RequestContext context, ConsumerGroupHeartbeatRequest request) {
        return groups.consumerGroupHeartbeat(context, request.data()).thenApply(ConsumerGroupHeartbeatResponse::new);
    }
}
