package io.kafscale.broker.group;

import io.kafscale.broker.request.BrokerContext;
import io.kafscale.broker.request.ClusterView;
import io.kafscale.metastore.cluster.TopicRecord;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestPartition;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopicCollection;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.OffsetDeleteRequest;
import org.apache.kafka.common.requests.OffsetDeleteResponse;
import org.apache.kafka.common.requests.RequestContext;

/** Answers OffsetDelete: the coordinator gets the partitions that exist, the others get their error here. */
public final class OffsetDeleteHandler {
    private final BrokerContext broker;

    /** A handler over the broker's coordinator. */
    public OffsetDeleteHandler(BrokerContext broker) {
        this.broker = broker;
    }

    /** Answers when the offsets are gone. */
    public CompletableFuture<OffsetDeleteResponse> handle(RequestContext context, OffsetDeleteRequest request) {
        ClusterView cluster = broker.cluster();
        var response = new OffsetDeleteResponse.Builder();
        var known = new OffsetDeleteRequestTopicCollection();
        for (OffsetDeleteRequestTopic topic : request.data().topics()) {
            Optional<TopicRecord> record = cluster.topic(topic.name());
            var existing = new OffsetDeleteRequestTopic().setName(topic.name());
            for (OffsetDeleteRequestPartition partition : topic.partitions()) {
                int index = partition.partitionIndex();
                if (record.flatMap(found -> ClusterView.partition(found, index)).isPresent()) {
                    existing.partitions().add(partition);
                } else {
                    response.addPartition(topic.name(), index, Errors.UNKNOWN_TOPIC_OR_PARTITION);
                }
            }
            if (!existing.partitions().isEmpty()) {
                known.add(existing);
            }
        }
        var data = new OffsetDeleteRequestData()
                .setGroupId(request.data().groupId())
                .setTopics(known);
        return broker.groups()
                .deleteOffsets(context, data)
                .thenApply(result -> response.merge(result).build());
    }
}
