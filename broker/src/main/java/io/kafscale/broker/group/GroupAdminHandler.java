package io.kafscale.broker.group;

import io.kafscale.broker.request.AuthorizedOperations;
import io.kafscale.coordinator.GroupOperations;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ConsumerGroupDescribeRequest;
import org.apache.kafka.common.requests.ConsumerGroupDescribeResponse;
import org.apache.kafka.common.requests.DeleteGroupsRequest;
import org.apache.kafka.common.requests.DeleteGroupsResponse;
import org.apache.kafka.common.requests.DescribeGroupsRequest;
import org.apache.kafka.common.requests.DescribeGroupsResponse;
import org.apache.kafka.common.requests.ListGroupsRequest;
import org.apache.kafka.common.requests.ListGroupsResponse;
import org.apache.kafka.common.requests.RequestContext;

/** Answers those who look at groups: DescribeGroups, ConsumerGroupDescribe, ListGroups and DeleteGroups. */
public final class GroupAdminHandler {
    private static final short FIRST_VERSION_WITH_OPERATIONS = 3;

    private final GroupOperations groups;

    /** A handler that asks this coordinator. */
    public GroupAdminHandler(GroupOperations groups) {
        this.groups = groups;
    }

    /** Describes groups in the terms of the classic protocol. */
    public CompletableFuture<DescribeGroupsResponse> describe(RequestContext context, DescribeGroupsRequest request) {
        boolean operations =
                request.data().includeAuthorizedOperations() && context.apiVersion() >= FIRST_VERSION_WITH_OPERATIONS;
        return groups.describeGroups(context, request.data().groups()).thenApply(described -> {
            if (operations) {
                described.stream()
                        .filter(group -> group.errorCode() == Errors.NONE.code())
                        .forEach(group -> group.setAuthorizedOperations(AuthorizedOperations.GROUP));
            }
            return new DescribeGroupsResponse(new DescribeGroupsResponseData().setGroups(described));
        });
    }

    /** Describes groups of the consumer protocol. */
    public CompletableFuture<ConsumerGroupDescribeResponse> describeConsumerGroups(
            RequestContext context, ConsumerGroupDescribeRequest request) {
        boolean operations = request.data().includeAuthorizedOperations();
        return groups.consumerGroupDescribe(context, request.data().groupIds()).thenApply(described -> {
            if (operations) {
                described.stream()
                        .filter(group -> group.errorCode() == Errors.NONE.code())
                        .forEach(group -> group.setAuthorizedOperations(AuthorizedOperations.GROUP));
            }
            return new ConsumerGroupDescribeResponse(new ConsumerGroupDescribeResponseData().setGroups(described));
        });
    }

    /** Lists the groups this broker coordinates. */
    public CompletableFuture<ListGroupsResponse> list(RequestContext context, ListGroupsRequest request) {
        return groups.listGroups(context, request.data()).thenApply(ListGroupsResponse::new);
    }

    /** Deletes groups that have no members. */
    public CompletableFuture<DeleteGroupsResponse> delete(RequestContext context, DeleteGroupsRequest request) {
        List<String> names = request.data().groupsNames().stream().distinct().toList();
        return groups.deleteGroups(context, names)
                .thenApply(results -> new DeleteGroupsResponse(new DeleteGroupsResponseData().setResults(results)));
    }
}
