package io.kafscale.broker.admin;

import io.kafscale.broker.request.BrokerContext;
import io.kafscale.broker.request.ClusterView;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.TopicRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.common.message.DescribeLogDirsRequestData.DescribableLogDirTopic;
import org.apache.kafka.common.message.DescribeLogDirsResponseData;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsPartition;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsResult;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsTopic;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeLogDirsRequest;
import org.apache.kafka.common.requests.DescribeLogDirsResponse;

/** Answers DescribeLogDirs with one log directory, the object store, and the partitions this broker leads. */
public final class DescribeLogDirsHandler {
    private final BrokerContext broker;

    /** A handler over the broker's log. */
    public DescribeLogDirsHandler(BrokerContext broker) {
        this.broker = broker;
    }

    /** Answers when the log has told the sizes; partitions it does not lead are left out. */
    public CompletableFuture<DescribeLogDirsResponse> handle(DescribeLogDirsRequest request) {
        ClusterView cluster = broker.cluster();
        List<TopicAnswer> topics = new ArrayList<>();
        if (request.isAllTopicPartitions()) {
            cluster.topics().forEach(topic -> topics.add(sizes(topic, IntStream.range(0, topic.partitions()))));
        } else {
            for (DescribableLogDirTopic requested : request.data().topics()) {
                cluster.topic(requested.topic())
                        .ifPresent(topic -> topics.add(sizes(
                                topic,
                                requested.partitions().stream()
                                        .mapToInt(Integer::intValue)
                                        .filter(number -> ClusterView.partition(topic, number)
                                                .isPresent()))));
            }
        }
        var all = topics.stream().flatMap(topic -> topic.partitions().stream()).toArray(CompletableFuture<?>[]::new);
        return CompletableFuture.allOf(all).thenApply(done -> respond(topics));
    }

    private TopicAnswer sizes(TopicRecord topic, IntStream partitions) {
        return new TopicAnswer(
                topic.name(),
                partitions
                        .mapToObj(number -> size(new PartitionId(topic.id(), number)))
                        .toList());
    }

    private CompletableFuture<Optional<DescribeLogDirsPartition>> size(PartitionId partition) {
        return broker.log()
                .status(partition)
                .handle((status, failure) -> failure == null
                        ? Optional.of(new DescribeLogDirsPartition()
                                .setPartitionIndex(partition.partition())
                                .setPartitionSize(status.sizeBytes())
                                .setOffsetLag(0)
                                .setIsFutureKey(false))
                        : Optional.empty());
    }

    private DescribeLogDirsResponse respond(List<TopicAnswer> topics) {
        var directory = new DescribeLogDirsResult()
                .setErrorCode(Errors.NONE.code())
                .setLogDir(broker.settings().storageUri());
        for (TopicAnswer topic : topics) {
            List<DescribeLogDirsPartition> partitions = topic.partitions().stream()
                    .map(CompletableFuture::join)
                    .flatMap(Optional::stream)
                    .toList();
            if (!partitions.isEmpty()) {
                directory
                        .topics()
                        .add(new DescribeLogDirsTopic().setName(topic.name()).setPartitions(partitions));
            }
        }
        return new DescribeLogDirsResponse(new DescribeLogDirsResponseData()
                .setResults(Stream.of(directory).toList()));
    }

    private record TopicAnswer(String name, List<CompletableFuture<Optional<DescribeLogDirsPartition>>> partitions) {}
}
