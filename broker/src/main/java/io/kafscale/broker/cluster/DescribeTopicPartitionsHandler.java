package io.kafscale.broker.cluster;

import io.kafscale.broker.request.AuthorizedOperations;
import io.kafscale.broker.request.BrokerContext;
import io.kafscale.broker.request.ClusterView;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.TopicNames;
import io.kafscale.metastore.cluster.TopicRecord;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.Cursor;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponsePartition;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponseTopic;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeTopicPartitionsRequest;
import org.apache.kafka.common.requests.DescribeTopicPartitionsResponse;

/** Answers DescribeTopicPartitions (KIP-966): topics in the order of their names, a bounded number of partitions at a time. */
public final class DescribeTopicPartitionsHandler {
    /** Kafka's default of {@code max.request.partition.size.limit}. */
    private static final int MAX_PARTITIONS = 2000;

    private final BrokerContext broker;

    /** A handler over the broker's image. */
    public DescribeTopicPartitionsHandler(BrokerContext broker) {
        this.broker = broker;
    }

    /** Answers at once, with a cursor if there is more. */
    public CompletableFuture<DescribeTopicPartitionsResponse> handle(DescribeTopicPartitionsRequest request) {
        ClusterView cluster = broker.cluster();
        DescribeTopicPartitionsRequestData.Cursor cursor = request.data().cursor();
        Iterator<String> names = names(cluster, request.data()).iterator();
        int left = Math.clamp(request.data().responsePartitionLimit(), 1, MAX_PARTITIONS);
        var data = new DescribeTopicPartitionsResponseData();
        while (names.hasNext()) {
            String name = names.next();
            if (left == 0) {
                data.setNextCursor(new Cursor().setTopicName(name).setPartitionIndex(0));
                break;
            }
            Optional<TopicRecord> topic = cluster.topic(name);
            if (topic.isEmpty()) {
                data.topics().add(unknown(name));
                continue;
            }
            int from = cursor != null && cursor.topicName().equals(name) ? cursor.partitionIndex() : 0;
            int until = (int) Math.min(topic.get().partitions(), (long) from + left);
            data.topics().add(describe(cluster, topic.get(), from, until));
            left -= Math.max(0, until - from);
            if (until < topic.get().partitions()) {
                data.setNextCursor(new Cursor().setTopicName(name).setPartitionIndex(until));
                break;
            }
        }
        return CompletableFuture.completedFuture(new DescribeTopicPartitionsResponse(data));
    }

    private static NavigableSet<String> names(ClusterView cluster, DescribeTopicPartitionsRequestData request) {
        var names = new TreeSet<String>();
        if (request.topics().isEmpty()) {
            cluster.topics().forEach(topic -> names.add(topic.name()));
        } else {
            request.topics().stream().map(TopicRequest::name).forEach(names::add);
        }
        DescribeTopicPartitionsRequestData.Cursor cursor = request.cursor();
        if (cursor == null) {
            return names;
        }
        if (!request.topics().isEmpty() && !names.contains(cursor.topicName())) {
            throw new InvalidRequestException(
                    "DescribeTopicPartitionsRequest topic list should contain the cursor topic: " + cursor.topicName());
        }
        if (cursor.partitionIndex() < 0) {
            throw new InvalidRequestException(
                    "DescribeTopicPartitionsRequest cursor partition must be valid: " + cursor);
        }
        return names.tailSet(cursor.topicName(), true);
    }

    private static DescribeTopicPartitionsResponseTopic unknown(String name) {
        Errors error = TopicNames.problem(name).isPresent()
                ? Errors.INVALID_TOPIC_EXCEPTION
                : Errors.UNKNOWN_TOPIC_OR_PARTITION;
        return new DescribeTopicPartitionsResponseTopic()
                .setName(name)
                .setTopicId(Uuid.ZERO_UUID)
                .setErrorCode(error.code())
                .setTopicAuthorizedOperations(AuthorizedOperations.TOPIC);
    }

    private static DescribeTopicPartitionsResponseTopic describe(
            ClusterView cluster, TopicRecord topic, int from, int until) {
        var described = new DescribeTopicPartitionsResponseTopic()
                .setName(topic.name())
                .setTopicId(ClusterView.toKafka(topic.id()))
                .setIsInternal(Topic.isInternal(topic.name()))
                .setTopicAuthorizedOperations(AuthorizedOperations.TOPIC);
        for (int number = from; number < until; number++) {
            var id = new PartitionId(topic.id(), number);
            ClusterView.Leader leader = cluster.leader(id);
            List<Integer> isr = leader.available() ? List.of(leader.brokerId()) : List.of();
            List<Integer> offline = leader.available() ? List.of() : TopicMetadata.offline(cluster, id);
            Errors error = leader.available() ? Errors.NONE : Errors.LEADER_NOT_AVAILABLE;
            described
                    .partitions()
                    .add(new DescribeTopicPartitionsResponsePartition()
                            .setPartitionIndex(number)
                            .setErrorCode(error.code())
                            .setLeaderId(leader.brokerId())
                            .setLeaderEpoch(leader.epoch())
                            .setReplicaNodes(leader.available() ? isr : offline)
                            .setIsrNodes(isr)
                            .setEligibleLeaderReplicas(List.of())
                            .setLastKnownElr(List.of())
                            .setOfflineReplicas(offline));
        }
        return described;
    }
}
