package io.kafscale.broker.fetch;

import io.kafscale.broker.request.BrokerContext;
import io.kafscale.broker.request.ClusterView;
import io.kafscale.broker.request.ErrorMapping;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.TopicRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.EpochEndOffset;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.OffsetForLeaderTopicResult;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.OffsetsForLeaderEpochRequest;
import org.apache.kafka.common.requests.OffsetsForLeaderEpochResponse;

/** Answers OffsetForLeaderEpoch: where the log of a leader epoch ended, by which a client finds out that its position is gone. */
public final class LeaderEpochHandler {
    private final BrokerContext broker;
    private final ErrorMapping errors;

    /** A handler over the broker's log. */
    public LeaderEpochHandler(BrokerContext broker) {
        this.broker = broker;
        this.errors = broker.errors();
    }

    /** Answers each partition on its own. */
    public CompletableFuture<OffsetsForLeaderEpochResponse> handle(OffsetsForLeaderEpochRequest request) {
        ClusterView cluster = broker.cluster();
        List<TopicAnswer> topics = new ArrayList<>();
        for (OffsetForLeaderTopic requested : request.data().topics()) {
            Optional<TopicRecord> topic = cluster.topic(requested.topic());
            topics.add(new TopicAnswer(
                    requested.topic(),
                    requested.partitions().stream()
                            .map(partition -> end(cluster, topic, partition))
                            .toList()));
        }
        var all = topics.stream().flatMap(topic -> topic.partitions().stream()).toArray(CompletableFuture<?>[]::new);
        return CompletableFuture.allOf(all).thenApply(done -> respond(topics));
    }

    private CompletableFuture<EpochEndOffset> end(
            ClusterView cluster, Optional<TopicRecord> topic, OffsetForLeaderPartition requested) {
        int index = requested.partition();
        Optional<PartitionId> partition = topic.flatMap(known -> ClusterView.partition(known, index));
        Errors refusal = partition
                .map(known -> LeaderEpochs.check(cluster, known, requested.currentLeaderEpoch()))
                .orElse(Errors.UNKNOWN_TOPIC_OR_PARTITION);
        if (refusal != Errors.NONE || partition.isEmpty()) {
            return CompletableFuture.completedFuture(failed(index, refusal));
        }
        return broker.log()
                .endOfEpoch(partition.get(), requested.leaderEpoch())
                .handle((end, failure) -> failure == null
                        ? new EpochEndOffset()
                                .setPartition(index)
                                .setLeaderEpoch(end.leaderEpoch())
                                .setEndOffset(end.endOffset())
                        : failed(index, errors.ofFetch(failure)));
    }

    private static EpochEndOffset failed(int index, Errors error) {
        return new EpochEndOffset()
                .setPartition(index)
                .setErrorCode(error.code())
                .setLeaderEpoch(OffsetsForLeaderEpochResponse.UNDEFINED_EPOCH)
                .setEndOffset(OffsetsForLeaderEpochResponse.UNDEFINED_EPOCH_OFFSET);
    }

    private static OffsetsForLeaderEpochResponse respond(List<TopicAnswer> topics) {
        var data = new OffsetForLeaderEpochResponseData();
        for (TopicAnswer topic : topics) {
            data.topics()
                    .add(new OffsetForLeaderTopicResult()
                            .setTopic(topic.name())
                            .setPartitions(topic.partitions().stream()
                                    .map(CompletableFuture::join)
                                    .toList()));
        }
        return new OffsetsForLeaderEpochResponse(data);
    }

    private record TopicAnswer(String name, List<CompletableFuture<EpochEndOffset>> partitions) {}
}
