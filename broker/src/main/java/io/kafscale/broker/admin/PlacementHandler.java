package io.kafscale.broker.admin;

import io.kafscale.broker.request.BrokerContext;
import io.kafscale.broker.request.ClusterView;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.TopicRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.ElectLeadersRequestData.TopicPartitions;
import org.apache.kafka.common.message.ElectLeadersResponseData.PartitionResult;
import org.apache.kafka.common.message.ElectLeadersResponseData.ReplicaElectionResult;
import org.apache.kafka.common.message.ListTransactionsResponseData;
import org.apache.kafka.common.protocol.Errors;
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
     * Leaders follow from the plan, and brokers bring them in line with it without being asked: no election is needed, and none is
     * reported if all partitions are meant.
     */
    public CompletableFuture<ElectLeadersResponse> electLeaders(RequestContext context, ElectLeadersRequest request) {
        List<ReplicaElectionResult> results = new ArrayList<>();
        if (request.data().topicPartitions() != null) {
            for (TopicPartitions topic : request.data().topicPartitions()) {
                results.add(elect(topic));
            }
        }
        return CompletableFuture.completedFuture(
                new ElectLeadersResponse(0, Errors.NONE.code(), results, context.apiVersion()));
    }

    private ReplicaElectionResult elect(TopicPartitions requested) {
        ClusterView cluster = broker.cluster();
        Optional<TopicRecord> topic = cluster.topic(requested.topic());
        return new ReplicaElectionResult()
                .setTopic(requested.topic())
                .setPartitionResult(requested.partitions().stream()
                        .map(number -> {
                            Errors error = topic.flatMap(known -> ClusterView.partition(known, number))
                                    .map(partition -> elect(cluster, partition))
                                    .orElse(Errors.UNKNOWN_TOPIC_OR_PARTITION);
                            return new PartitionResult()
                                    .setPartitionId(number)
                                    .setErrorCode(error.code())
                                    .setErrorMessage(error.message());
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
