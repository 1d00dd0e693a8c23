package io.kafscale.broker.group;

import io.kafscale.broker.request.BrokerContext;
import io.kafscale.broker.request.ClusterView;
import io.kafscale.metastore.cluster.TopicRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.OffsetCommitRequest;
import org.apache.kafka.common.requests.OffsetCommitResponse;
import org.apache.kafka.common.requests.RequestContext;

/** Answers OffsetCommit: the coordinator gets the partitions that exist, with names and ids; the others get their error here. */
public final class OffsetCommitHandler {
    private final BrokerContext broker;

    /** A handler over the broker's coordinator. */
    public OffsetCommitHandler(BrokerContext broker) {
        this.broker = broker;
    }

    /** Answers when the offsets are stored. */
    public CompletableFuture<OffsetCommitResponse> handle(RequestContext context, OffsetCommitRequest request) {
        ClusterView cluster = broker.cluster();
        boolean byId = OffsetCommitResponse.useTopicIds(context.apiVersion());
        OffsetCommitResponse.Builder response = OffsetCommitResponse.newBuilder(byId);
        List<OffsetCommitRequestTopic> known = new ArrayList<>();
        for (OffsetCommitRequestTopic topic : request.data().topics()) {
            Optional<TopicRecord> record = byId ? cluster.topic(topic.topicId()) : cluster.topic(topic.name());
            if (record.isEmpty()) {
                response.addPartitions(
                        topic.topicId(),
                        topic.name(),
                        topic.partitions(),
                        OffsetCommitRequestPartition::partitionIndex,
                        byId ? Errors.UNKNOWN_TOPIC_ID : Errors.UNKNOWN_TOPIC_OR_PARTITION);
            } else {
                OffsetCommitRequestTopic existing = existing(record.get(), topic, response);
                if (!existing.partitions().isEmpty()) {
                    known.add(existing);
                }
            }
        }
        if (known.isEmpty() && !request.data().topics().isEmpty()) {
            return CompletableFuture.completedFuture(response.build());
        }
        var commit = new OffsetCommitRequestData()
                .setGroupId(request.data().groupId())
                .setMemberId(request.data().memberId())
                .setGenerationIdOrMemberEpoch(request.data().generationIdOrMemberEpoch())
                .setRetentionTimeMs(request.data().retentionTimeMs())
                .setGroupInstanceId(request.data().groupInstanceId())
                .setTopics(known);
        return broker.groups()
                .commitOffsets(context, commit)
                .thenApply(result -> response.merge(result).build());
    }

    /** The part of a topic's commits that is for partitions it has; the rest goes to the response as unknown. */
    private static OffsetCommitRequestTopic existing(
            TopicRecord record, OffsetCommitRequestTopic topic, OffsetCommitResponse.Builder response) {
        var existing = new OffsetCommitRequestTopic()
                .setTopicId(ClusterView.toKafka(record.id()))
                .setName(record.name());
        for (OffsetCommitRequestPartition partition : topic.partitions()) {
            if (ClusterView.partition(record, partition.partitionIndex()).isPresent()) {
                existing.partitions().add(partition);
            } else {
                response.addPartition(
                        existing.topicId(),
                        record.name(),
                        partition.partitionIndex(),
                        Errors.UNKNOWN_TOPIC_OR_PARTITION);
            }
        }
        return existing;
    }
}
