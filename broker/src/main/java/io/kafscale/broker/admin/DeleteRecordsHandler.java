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
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsPartitionResult;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsTopicResult;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DeleteRecordsRequest;
import org.apache.kafka.common.requests.DeleteRecordsResponse;

/** Answers DeleteRecords when the log start offsets have moved; the objects below are deleted later. */
public final class DeleteRecordsHandler {
    private final BrokerContext broker;
    private final Deadlines deadlines;
    private final ErrorMapping errors;

    /** A handler over the broker's log. */
    public DeleteRecordsHandler(BrokerContext broker) {
        this.broker = broker;
        this.deadlines = new Deadlines(broker.loop());
        this.errors = broker.errors();
    }

    /** Answers each partition on its own. */
    public CompletableFuture<DeleteRecordsResponse> handle(DeleteRecordsRequest request) {
        Duration limit = Duration.ofMillis(Math.max(0, request.data().timeoutMs()));
        ClusterView cluster = broker.cluster();
        List<TopicAnswer> topics = new ArrayList<>();
        for (DeleteRecordsTopic requested : request.data().topics()) {
            Optional<TopicRecord> topic = cluster.topic(requested.name());
            topics.add(new TopicAnswer(
                    requested.name(),
                    requested.partitions().stream()
                            .map(partition -> delete(topic, partition, limit))
                            .toList()));
        }
        var all = topics.stream().flatMap(topic -> topic.partitions().stream()).toArray(CompletableFuture<?>[]::new);
        return CompletableFuture.allOf(all).thenApply(done -> respond(topics));
    }

    private CompletableFuture<DeleteRecordsPartitionResult> delete(
            Optional<TopicRecord> topic, DeleteRecordsPartition requested, Duration limit) {
        int index = requested.partitionIndex();
        Optional<PartitionId> partition = topic.flatMap(known -> ClusterView.partition(known, index));
        if (partition.isEmpty()) {
            return CompletableFuture.completedFuture(failed(index, Errors.UNKNOWN_TOPIC_OR_PARTITION));
        }
        if (requested.offset() < DeleteRecordsRequest.HIGH_WATERMARK) {
            return CompletableFuture.completedFuture(failed(index, Errors.OFFSET_OUT_OF_RANGE));
        }
        return deadlines
                .within(
                        limit,
                        broker.log().deleteRecords(partition.get(), requested.offset()),
                        "deleting records of " + partition.get())
                .handle((start, failure) -> failure == null
                        ? new DeleteRecordsPartitionResult()
                                .setPartitionIndex(index)
                                .setLowWatermark(start)
                        : failed(index, errors.of(failure)));
    }

    private static DeleteRecordsPartitionResult failed(int index, Errors error) {
        return new DeleteRecordsPartitionResult()
                .setPartitionIndex(index)
                .setErrorCode(error.code())
                .setLowWatermark(DeleteRecordsResponse.INVALID_LOW_WATERMARK);
    }

    private static DeleteRecordsResponse respond(List<TopicAnswer> topics) {
        var data = new DeleteRecordsResponseData();
        for (TopicAnswer topic : topics) {
            var result = new DeleteRecordsTopicResult().setName(topic.name());
            topic.partitions().forEach(partition -> result.partitions().add(partition.join()));
            data.topics().add(result);
        }
        return new DeleteRecordsResponse(data);
    }

    private record TopicAnswer(String name, List<CompletableFuture<DeleteRecordsPartitionResult>> partitions) {}
}
