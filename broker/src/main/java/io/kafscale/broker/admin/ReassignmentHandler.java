package io.kafscale.broker.admin;

import io.kafscale.broker.request.BrokerContext;
import io.kafscale.broker.request.ClusterView;
import io.kafscale.broker.request.Deadlines;
import io.kafscale.broker.request.ErrorMapping;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.TopicRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InvalidReplicaAssignmentException;
import org.apache.kafka.common.errors.NoReassignmentInProgressException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData.ReassignablePartition;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData.ReassignableTopic;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData.ReassignablePartitionResponse;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData.ReassignableTopicResponse;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData.OngoingPartitionReassignment;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData.OngoingTopicReassignment;
import org.apache.kafka.common.requests.AlterPartitionReassignmentsRequest;
import org.apache.kafka.common.requests.AlterPartitionReassignmentsResponse;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.ListPartitionReassignmentsRequest;
import org.apache.kafka.common.requests.ListPartitionReassignmentsResponse;

/**
 * Answers AlterPartitionReassignments and ListPartitionReassignments. A partition has one replica, its leader, so to reassign it is to
 * pin it to a broker, and to cancel that is to leave it to the plan again. A reassignment is under way until that broker leads.
 */
public final class ReassignmentHandler {
    /** Transactions of one request under way at a time. */
    private static final int LANES = 32;

    private final BrokerContext broker;
    private final Deadlines deadlines;
    private final ErrorMapping errors;

    /** A handler over the broker's placement store. */
    public ReassignmentHandler(BrokerContext broker) {
        this.broker = broker;
        this.deadlines = new Deadlines(broker.loop());
        this.errors = broker.errors();
    }

    /** Answers when the pins are stored; leaders move afterwards. */
    public CompletableFuture<AlterPartitionReassignmentsResponse> alter(AlterPartitionReassignmentsRequest request) {
        ClusterView cluster = broker.cluster();
        Duration limit = Duration.ofMillis(Math.max(0, request.data().timeoutMs()));
        List<CompletableFuture<?>> lanes = new ArrayList<>(IntStream.range(0, LANES)
                .mapToObj(lane -> CompletableFuture.completedFuture(null))
                .toList());
        List<TopicAnswer> topics = new ArrayList<>();
        int next = 0;
        for (ReassignableTopic topic : request.data().topics()) {
            Optional<TopicRecord> record = cluster.topic(topic.name());
            List<CompletableFuture<ReassignablePartitionResponse>> partitions = new ArrayList<>();
            for (ReassignablePartition partition : topic.partitions()) {
                int lane = next++ % LANES;
                CompletableFuture<ReassignablePartitionResponse> answer =
                        lanes.get(lane).thenCompose(before -> alter(topic.name(), record, partition, limit));
                lanes.set(lane, answer);
                partitions.add(answer);
            }
            topics.add(new TopicAnswer(topic.name(), partitions));
        }
        return CompletableFuture.allOf(lanes.toArray(CompletableFuture<?>[]::new))
                .thenApply(done -> respond(request, topics));
    }

    private static AlterPartitionReassignmentsResponse respond(
            AlterPartitionReassignmentsRequest request, List<TopicAnswer> topics) {
        var data = new AlterPartitionReassignmentsResponseData()
                .setAllowReplicationFactorChange(request.data().allowReplicationFactorChange());
        topics.forEach(topic -> data.responses()
                .add(new ReassignableTopicResponse()
                        .setName(topic.name())
                        .setPartitions(topic.partitions().stream()
                                .map(CompletableFuture::join)
                                .toList())));
        return new AlterPartitionReassignmentsResponse(data);
    }

    /** Never fails. */
    private CompletableFuture<ReassignablePartitionResponse> alter(
            String name, Optional<TopicRecord> topic, ReassignablePartition requested, Duration limit) {
        int index = requested.partitionIndex();
        Supplier<ApiException> unknown =
                () -> new UnknownTopicOrPartitionException("There is no partition " + name + "-" + index + ".");
        CompletableFuture<Boolean> stored;
        try {
            TopicRecord record = topic.orElseThrow(unknown);
            PartitionId partition = ClusterView.partition(record, index).orElseThrow(unknown);
            stored = requested.replicas() == null
                    ? unpin(partition)
                    : broker.placement().pin(record, index, target(requested.replicas()));
        } catch (ApiException refused) {
            return CompletableFuture.completedFuture(result(index, ApiError.fromThrowable(refused)));
        }
        return deadlines
                .within(limit, stored, "reassigning " + name + "-" + index)
                .handle((exists, failure) -> {
                    if (failure != null) {
                        return result(index, errors.explained(failure));
                    }
                    return result(index, exists ? ApiError.NONE : ApiError.fromThrowable(unknown.get()));
                });
    }

    private CompletableFuture<Boolean> unpin(PartitionId partition) {
        if (broker.cluster().image().pin(partition).isEmpty()) {
            throw new NoReassignmentInProgressException("No partition reassignment is in progress.");
        }
        return broker.placement().unpin(partition).thenApply(done -> true);
    }

    private int target(List<Integer> replicas) {
        Assignments.check(replicas);
        if (replicas.size() > 1) {
            throw new InvalidReplicaAssignmentException(
                    "A partition has one replica, the broker that leads it: the object store keeps its records. Name one broker, not "
                            + replicas.size() + ".");
        }
        int target = replicas.getFirst();
        if (broker.cluster().node(target).isEmpty()) {
            throw new InvalidReplicaAssignmentException("The manual partition assignment includes broker " + target
                    + ", but no such broker is registered.");
        }
        return target;
    }

    private static ReassignablePartitionResponse result(int index, ApiError error) {
        return new ReassignablePartitionResponse()
                .setPartitionIndex(index)
                .setErrorCode(error.error().code())
                .setErrorMessage(error.isSuccess() ? null : error.messageWithFallback());
    }

    /** The pinned partitions that are not led where they are pinned yet. */
    public CompletableFuture<ListPartitionReassignmentsResponse> list(ListPartitionReassignmentsRequest request) {
        ClusterView cluster = broker.cluster();
        var data = new ListPartitionReassignmentsResponseData();
        if (request.data().topics() == null) {
            cluster.topics().forEach(topic -> add(data, cluster, topic, IntStream.range(0, topic.partitions())));
        } else {
            request.data()
                    .topics()
                    .forEach(requested -> cluster.topic(requested.name())
                            .ifPresent(topic -> add(
                                    data,
                                    cluster,
                                    topic,
                                    requested.partitionIndexes().stream()
                                            .mapToInt(Integer::intValue)
                                            .filter(index -> ClusterView.partition(topic, index)
                                                    .isPresent()))));
        }
        return CompletableFuture.completedFuture(new ListPartitionReassignmentsResponse(data));
    }

    private static void add(
            ListPartitionReassignmentsResponseData data, ClusterView cluster, TopicRecord topic, IntStream partitions) {
        List<OngoingPartitionReassignment> ongoing = partitions
                .mapToObj(index -> ongoing(cluster, new PartitionId(topic.id(), index)))
                .flatMap(Optional::stream)
                .toList();
        if (!ongoing.isEmpty()) {
            data.topics()
                    .add(new OngoingTopicReassignment().setName(topic.name()).setPartitions(ongoing));
        }
    }

    private static Optional<OngoingPartitionReassignment> ongoing(ClusterView cluster, PartitionId partition) {
        int leader = cluster.leader(partition).brokerId();
        return cluster.image()
                .pin(partition)
                .filter(target -> target != leader)
                .map(target -> new OngoingPartitionReassignment()
                        .setPartitionIndex(partition.partition())
                        .setReplicas(leader < 0 ? List.of(target) : List.of(leader, target))
                        .setAddingReplicas(List.of(target))
                        .setRemovingReplicas(leader < 0 ? List.of() : List.of(leader)));
    }

    private record TopicAnswer(String name, List<CompletableFuture<ReassignablePartitionResponse>> partitions) {}
}
