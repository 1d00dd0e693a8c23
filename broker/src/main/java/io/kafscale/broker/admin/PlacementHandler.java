package io.kafscale.broker.admin;

import io.kafscale.broker.request.BrokerContext;
import io.kafscale.broker.request.ClusterView;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.TopicRecord;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.message.ElectLeadersRequestData.TopicPartitions;
import org.apache.kafka.common.message.ElectLeadersResponseData.PartitionResult;
import org.apache.kafka.common.message.ElectLeadersResponseData.ReplicaElectionResult;
import org.apache.kafka.common.message.ListTransactionsResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.ElectLeadersRequest;
import org.apache.kafka.common.requests.ElectLeadersResponse;
import org.apache.kafka.common.requests.ListTransactionsRequest;
import org.apache.kafka.common.requests.ListTransactionsResponse;
import org.apache.kafka.common.requests.RequestContext;

/** Answers what tools ask about things that never are: leaders to be elected, transactions. */
public final class PlacementHandler {
    private static final Set<String> TRANSACTION_STATES = Set.of(
            "Empty",
            "Ongoing",
            "PrepareCommit",
            "PrepareAbort",
            "CompleteCommit",
            "CompleteAbort",
            "PrepareEpochFence",
            "Dead");

    private final BrokerContext broker;

    /** A handler over the broker's image. */
    public PlacementHandler(BrokerContext broker) {
        this.broker = broker;
    }

    /**
     * Leaders follow from the plan, and brokers bring them in line with it without being asked: no election is needed. Where all
     * partitions are meant, Kafka names every topic and keeps from saying so of each of its partitions.
     */
    public CompletableFuture<ElectLeadersResponse> electLeaders(RequestContext context, ElectLeadersRequest request) {
        byte type = request.data().electionType();
        boolean known = Arrays.stream(ElectionType.values()).anyMatch(election -> election.value == type);
        List<ReplicaElectionResult> results;
        if (request.data().topicPartitions() != null) {
            results = request.data().topicPartitions().stream()
                    .map(topic -> known ? elect(topic) : refused(topic, type))
                    .toList();
        } else if (known) {
            results = broker.cluster().topics().stream()
                    .map(topic -> new ReplicaElectionResult().setTopic(topic.name()))
                    .toList();
        } else {
            results = List.of();
        }
        Errors error = known ? Errors.NONE : Errors.INVALID_REQUEST;
        return CompletableFuture.completedFuture(
                new ElectLeadersResponse(0, error.code(), results, context.apiVersion()));
    }

    private ReplicaElectionResult elect(TopicPartitions requested) {
        ClusterView cluster = broker.cluster();
        Optional<TopicRecord> topic = cluster.topic(requested.topic());
        return result(requested, number -> {
            if (topic.isEmpty()) {
                return new ApiError(Errors.UNKNOWN_TOPIC_OR_PARTITION, "No such topic as " + requested.topic());
            }
            return ClusterView.partition(topic.get(), number)
                    .map(partition -> new ApiError(elect(cluster, partition)))
                    .orElseGet(() -> new ApiError(
                            Errors.UNKNOWN_TOPIC_OR_PARTITION,
                            "No such partition as " + requested.topic() + "-" + number));
        });
    }

    private static ReplicaElectionResult refused(TopicPartitions requested, byte type) {
        var unknown = new ApiError(Errors.INVALID_REQUEST, "Unknown election type " + type);
        return result(requested, number -> unknown);
    }

    private static ReplicaElectionResult result(TopicPartitions requested, IntFunction<ApiError> outcome) {
        return new ReplicaElectionResult()
                .setTopic(requested.topic())
                .setPartitionResult(requested.partitions().stream()
                        .map(number -> {
                            ApiError error = outcome.apply(number);
                            return new PartitionResult()
                                    .setPartitionId(number)
                                    .setErrorCode(error.error().code())
                                    .setErrorMessage(error.messageWithFallback());
                        })
                        .toList());
    }

    /** What is not led as planned is on its way there. */
    private static Errors elect(ClusterView cluster, PartitionId partition) {
        boolean asPlanned = cluster.leader(partition).available()
                && cluster.plan()
                        .leaderOf(partition)
                        .filter(planned ->
                                planned.brokerId() == cluster.leader(partition).brokerId())
                        .isPresent();
        return asPlanned ? Errors.ELECTION_NOT_NEEDED : Errors.PREFERRED_LEADER_NOT_AVAILABLE;
    }

    /** There are no transactions; states that do not exist are named as such. */
    public CompletableFuture<ListTransactionsResponse> listTransactions(ListTransactionsRequest request) {
        return CompletableFuture.completedFuture(new ListTransactionsResponse(new ListTransactionsResponseData()
                .setUnknownStateFilters(request.data().stateFilters().stream()
                        .filter(state -> !TRANSACTION_STATES.contains(state))
                        .toList())));
    }
}
