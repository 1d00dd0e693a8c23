package io.kafscale.broker.cluster;

import io.kafscale.broker.request.ClusterView;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.TopicRecord;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** What a topic looks like from outside. Stateless. */
final class TopicMetadata {
    /** A broker that is about to lead cannot say in which epoch. */
    private static final int NO_EPOCH_YET = -1;

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

    /** The one replica of a partition that nobody leads: where it is about to be led. */
    static List<Integer> offline(ClusterView cluster, PartitionId partition) {
        int replica = cluster.replica(partition);
        return replica < 0 ? List.of() : List.of(replica);
    }

    private static MetadataResponsePartition partition(ClusterView cluster, TopicRecord topic, int number) {
        var id = new PartitionId(topic.id(), number);
        ClusterView.Leader leader = cluster.leader(id);
        var partition = new MetadataResponsePartition().setPartitionIndex(number);
        if (!leader.available()) {
            OptionalInt next = cluster.nextLeader(id);
            if (next.isPresent()) {
                return ledBy(partition, next.getAsInt(), NO_EPOCH_YET);
            }
            List<Integer> replicas = offline(cluster, id);
            return partition
                    .setErrorCode(Errors.LEADER_NOT_AVAILABLE.code())
                    .setLeaderId(-1)
                    .setLeaderEpoch(leader.epoch())
                    .setReplicaNodes(replicas)
                    .setIsrNodes(List.of())
                    .setOfflineReplicas(replicas);
        }
        return ledBy(partition, leader.brokerId(), leader.epoch());
    }

    private static MetadataResponsePartition ledBy(MetadataResponsePartition partition, int brokerId, int epoch) {
        return partition
                .setLeaderId(brokerId)
                .setLeaderEpoch(epoch)
                .setReplicaNodes(List.of(brokerId))
                .setIsrNodes(List.of(brokerId))
                .setOfflineReplicas(List.of());
    }
}
