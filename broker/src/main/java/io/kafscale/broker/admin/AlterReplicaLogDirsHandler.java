package io.kafscale.broker.admin;

import io.kafscale.broker.request.BrokerContext;
import io.kafscale.broker.request.ClusterView;
import io.kafscale.metastore.cluster.TopicRecord;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.AlterReplicaLogDirsRequestData.AlterReplicaLogDir;
import org.apache.kafka.common.message.AlterReplicaLogDirsRequestData.AlterReplicaLogDirTopic;
import org.apache.kafka.common.message.AlterReplicaLogDirsResponseData;
import org.apache.kafka.common.message.AlterReplicaLogDirsResponseData.AlterReplicaLogDirPartitionResult;
import org.apache.kafka.common.message.AlterReplicaLogDirsResponseData.AlterReplicaLogDirTopicResult;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AlterReplicaLogDirsRequest;
import org.apache.kafka.common.requests.AlterReplicaLogDirsResponse;

/**
 * Answers AlterReplicaLogDirs: everything is in the one log directory that DescribeLogDirs shows, the object store, and can be moved to
 * no other. Kafka's tool asks for that when it executes a reassignment that it saved before.
 */
public final class AlterReplicaLogDirsHandler {
    private final BrokerContext broker;

    /** A handler over the broker's image and settings. */
    public AlterReplicaLogDirsHandler(BrokerContext broker) {
        this.broker = broker;
    }

    /** Answers at once. */
    public CompletableFuture<AlterReplicaLogDirsResponse> handle(AlterReplicaLogDirsRequest request) {
        ClusterView cluster = broker.cluster();
        Map<String, AlterReplicaLogDirTopicResult> results = new LinkedHashMap<>();
        for (AlterReplicaLogDir directory : request.data().dirs()) {
            boolean ours = directory.path().equals(broker.settings().storageUri());
            for (AlterReplicaLogDirTopic requested : directory.topics()) {
                Optional<TopicRecord> topic = cluster.topic(requested.name());
                var result = results.computeIfAbsent(
                        requested.name(), name -> new AlterReplicaLogDirTopicResult().setTopicName(name));
                for (int index : requested.partitions()) {
                    boolean exists = topic.flatMap(known -> ClusterView.partition(known, index))
                            .isPresent();
                    Errors whereTo = ours ? Errors.NONE : Errors.LOG_DIR_NOT_FOUND;
                    Errors error = exists ? whereTo : Errors.UNKNOWN_TOPIC_OR_PARTITION;
                    result.partitions()
                            .add(new AlterReplicaLogDirPartitionResult()
                                    .setPartitionIndex(index)
                                    .setErrorCode(error.code()));
                }
            }
        }
        var data = new AlterReplicaLogDirsResponseData();
        data.results().addAll(results.values());
        return CompletableFuture.completedFuture(new AlterReplicaLogDirsResponse(data));
    }
}
