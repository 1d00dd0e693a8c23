package io.kafscale.broker.admin;

import io.kafscale.broker.request.BrokerContext;
import io.kafscale.broker.request.ClusterView;
import io.kafscale.broker.request.ErrorMapping;
import io.kafscale.log.ActiveProducer;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.TopicRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.DescribeProducersRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeProducersResponseData;
import org.apache.kafka.common.message.DescribeProducersResponseData.PartitionResponse;
import org.apache.kafka.common.message.DescribeProducersResponseData.ProducerState;
import org.apache.kafka.common.message.DescribeProducersResponseData.TopicResponse;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.DescribeProducersRequest;
import org.apache.kafka.common.requests.DescribeProducersResponse;

/** Answers DescribeProducers with the idempotent producers a partition knows. */
public final class DescribeProducersHandler {
    private final BrokerContext broker;
    private final ErrorMapping errors;

    /** A handler over the broker's log. */
    public DescribeProducersHandler(BrokerContext broker) {
        this.broker = broker;
        this.errors = broker.errors();
    }

    /** Answers each partition on its own. */
    public CompletableFuture<DescribeProducersResponse> handle(DescribeProducersRequest request) {
        ClusterView cluster = broker.cluster();
        List<TopicAnswer> topics = new ArrayList<>();
        for (TopicRequest requested : request.data().topics()) {
            Optional<TopicRecord> topic = cluster.topic(requested.name());
            topics.add(new TopicAnswer(
                    requested.name(),
                    requested.partitionIndexes().stream()
                            .map(index -> producers(index, topic.flatMap(known -> ClusterView.partition(known, index))))
                            .toList()));
        }
        var all = topics.stream().flatMap(topic -> topic.partitions().stream()).toArray(CompletableFuture<?>[]::new);
        return CompletableFuture.allOf(all).thenApply(done -> {
            var data = new DescribeProducersResponseData();
            topics.forEach(topic -> data.topics()
                    .add(new TopicResponse()
                            .setName(topic.name())
                            .setPartitions(topic.partitions().stream()
                                    .map(CompletableFuture::join)
                                    .toList())));
            return new DescribeProducersResponse(data);
        });
    }

    private CompletableFuture<PartitionResponse> producers(int index, Optional<PartitionId> partition) {
        if (partition.isEmpty()) {
            return CompletableFuture.completedFuture(
                    failed(index, ApiError.fromThrowable(Errors.UNKNOWN_TOPIC_OR_PARTITION.exception())));
        }
        return broker.log()
                .producers(partition.get())
                .handle((known, failure) -> failure == null
                        ? new PartitionResponse()
                                .setPartitionIndex(index)
                                .setActiveProducers(known.stream()
                                        .map(DescribeProducersHandler::state)
                                        .toList())
                        : failed(index, errors.explained(failure)));
    }

    private static ProducerState state(ActiveProducer producer) {
        return new ProducerState()
                .setProducerId(producer.producerId())
                .setProducerEpoch(producer.producerEpoch())
                .setLastSequence(producer.lastSequence())
                .setLastTimestamp(producer.lastTimestampMs());
    }

    private static PartitionResponse failed(int index, ApiError error) {
        return new PartitionResponse()
                .setPartitionIndex(index)
                .setErrorCode(error.error().code())
                .setErrorMessage(error.message());
    }

    private record TopicAnswer(String name, List<CompletableFuture<PartitionResponse>> partitions) {}
}
