package io.kafscale.broker.cluster;

import io.kafscale.broker.request.ClusterView;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.TopicRecord;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** What a topic looks like from outside. Stateless. */
final class TopicMetadata {
    private TopicMetadata() {}

    /** A topic that exists. */
    static MetadataResponseTopic of(ClusterView cluster, TopicRecord topic) {
        return new MetadataResponseTopic()
                .setName(topic.name())
                .setTopicId(ClusterView.toKafka(topic.id()))
                .setIsInternal(Topic.isInternal(topic.name()))
                .setPartitions(IntStream.range(0, topic.partitions())
                        .mapToObj(number -> partition(cluster, topic, number))
                        .toList());
    }

    /** A topic about which there is only an error to tell. */
    static MetadataResponseTopic failed(@Nullable String name, Uuid id, Errors error) {
        return new MetadataResponseTopic()
                .setName(name)
                .setTopicId(id)
                .setErrorCode(error.code())
                .setPartitions(List.of());
    }

    private static MetadataResponsePartition partition(ClusterView cluster, TopicRecord topic, int number) {
        ClusterView.Leader leader = cluster.leader(new PartitionId(topic.id(), number));
        var partition = new MetadataResponsePartition().setPartitionIndex(number);
        if (!leader.available()) {
            return partition
                    .setErrorCode(Errors.LEADER_NOT_AVAILABLE.code())
                    .setLeaderId(-1)
                    .setLeaderEpoch(leader.epoch())
                    .setReplicaNodes(List.of())
                    .setIsrNodes(List.of())
                    .setOfflineReplicas(List.of());
        }
        return partition
                .setLeaderId(leader.brokerId())
                .setLeaderEpoch(leader.epoch())
                .setReplicaNodes(List.of(leader.brokerId()))
                .setIsrNodes(List.of(leader.brokerId()))
                .setOfflineReplicas(List.of());
    }
}
