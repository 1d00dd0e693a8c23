package io.kafscale.broker.fetch;

import io.kafscale.broker.request.BrokerContext;
import io.kafscale.broker.request.ClusterView;
import io.kafscale.broker.request.ErrorMapping;
import io.kafscale.log.LogException;
import io.kafscale.log.OffsetAnswer;
import io.kafscale.log.OffsetQuery;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.TopicRecord;
import io.kafscale.runtime.FutureFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsTopicResponse;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ListOffsetsRequest;
import org.apache.kafka.common.requests.ListOffsetsResponse;
import org.apache.kafka.common.requests.RequestContext;

/**
 * Answers ListOffsets: earliest, latest, the largest timestamp, and by time.
 *
 * <p>The special timestamps of tiered storage mean here what they mean in Kafka without it: the earliest local offset is the log
 * start offset, and nothing is tiered or waits for it.
 */
public final class ListOffsetsHandler {
    private static final short FIRST_VERSION_WITH_EPOCHS = 4;

    private final BrokerContext broker;
    private final ErrorMapping errors;

    /** A handler over the broker's log. */
    public ListOffsetsHandler(BrokerContext broker) {
        this.broker = broker;
        this.errors = broker.errors();
    }

    /** Answers each partition on its own. */
    public CompletableFuture<ListOffsetsResponse> handle(RequestContext context, ListOffsetsRequest request) {
        ClusterView cluster = broker.cluster();
        List<TopicAnswer> topics = new ArrayList<>();
        for (ListOffsetsTopic requested : request.topics()) {
            Optional<TopicRecord> topic = cluster.topic(requested.name());
            List<CompletableFuture<ListOffsetsPartitionResponse>> partitions = new ArrayList<>();
            for (ListOffsetsPartition partition : requested.partitions()) {
                boolean twice = request.duplicatePartitions()
                        .contains(new TopicPartition(requested.name(), partition.partitionIndex()));
                partitions.add(
                        twice
                                ? done(failed(partition.partitionIndex(), Errors.INVALID_REQUEST))
                                : lookup(cluster, context.apiVersion(), topic, partition));
            }
            topics.add(new TopicAnswer(requested.name(), partitions));
        }
        var all = topics.stream().flatMap(topic -> topic.partitions().stream()).toArray(CompletableFuture<?>[]::new);
        return CompletableFuture.allOf(all).thenApply(done -> respond(topics));
    }

    private CompletableFuture<ListOffsetsPartitionResponse> lookup(
            ClusterView cluster, short version, Optional<TopicRecord> topic, ListOffsetsPartition requested) {
        int index = requested.partitionIndex();
        Optional<PartitionId> partition = topic.flatMap(known -> ClusterView.partition(known, index));
        if (partition.isEmpty()) {
            return done(failed(index, Errors.UNKNOWN_TOPIC_OR_PARTITION));
        }
        Errors epochError = LeaderEpochs.check(cluster, partition.get(), requested.currentLeaderEpoch());
        if (epochError != Errors.NONE) {
            return done(failed(index, epochError));
        }
        long timestamp = requested.timestamp();
        if (version < firstVersionOf(timestamp)) {
            return done(failed(index, Errors.UNSUPPORTED_VERSION));
        }
        if (isOfTieredStorage(timestamp)) {
            return done(answered(version, index, OffsetAnswer.NONE));
        }
        return broker.log()
                .lookup(partition.get(), query(timestamp))
                .handle((answer, failure) ->
                        failure == null ? answered(version, index, answer) : failed(index, errorOf(failure)));
    }

    private Errors errorOf(Throwable failure) {
        Errors error = errors.ofFetch(failure);
        boolean notLed = FutureFailure.cause(failure) instanceof LogException known
                && known.kind() == LogException.Kind.UNKNOWN_PARTITION;
        // The image has the partition, so it is about to be opened.
        return notLed ? Errors.NOT_LEADER_OR_FOLLOWER : error;
    }

    private static int firstVersionOf(long timestamp) {
        if (timestamp == ListOffsetsRequest.MAX_TIMESTAMP) {
            return 7;
        }
        if (timestamp == ListOffsetsRequest.EARLIEST_LOCAL_TIMESTAMP) {
            return 8;
        }
        if (timestamp == ListOffsetsRequest.LATEST_TIERED_TIMESTAMP) {
            return 9;
        }
        if (timestamp == ListOffsetsRequest.EARLIEST_PENDING_UPLOAD_TIMESTAMP) {
            return 11;
        }
        boolean known = timestamp >= 0
                || timestamp == ListOffsetsRequest.EARLIEST_TIMESTAMP
                || timestamp == ListOffsetsRequest.LATEST_TIMESTAMP;
        return known ? 0 : Integer.MAX_VALUE;
    }

    private static boolean isOfTieredStorage(long timestamp) {
        return timestamp == ListOffsetsRequest.LATEST_TIERED_TIMESTAMP
                || timestamp == ListOffsetsRequest.EARLIEST_PENDING_UPLOAD_TIMESTAMP;
    }

    private static OffsetQuery query(long timestamp) {
        if (timestamp == ListOffsetsRequest.EARLIEST_TIMESTAMP
                || timestamp == ListOffsetsRequest.EARLIEST_LOCAL_TIMESTAMP) {
            return new OffsetQuery.Earliest();
        }
        if (timestamp == ListOffsetsRequest.LATEST_TIMESTAMP) {
            return new OffsetQuery.Latest();
        }
        return timestamp == ListOffsetsRequest.MAX_TIMESTAMP
                ? new OffsetQuery.MaxTimestamp()
                : new OffsetQuery.AtTime(timestamp);
    }

    private static ListOffsetsPartitionResponse answered(short version, int index, OffsetAnswer answer) {
        var response = new ListOffsetsPartitionResponse()
                .setPartitionIndex(index)
                .setTimestamp(answer.timestampMs())
                .setOffset(answer.offset());
        // The field cannot be left out by older versions of the response: writing it there is an error.
        return version >= FIRST_VERSION_WITH_EPOCHS ? response.setLeaderEpoch(answer.leaderEpoch()) : response;
    }

    private static ListOffsetsPartitionResponse failed(int index, Errors error) {
        return new ListOffsetsPartitionResponse()
                .setPartitionIndex(index)
                .setErrorCode(error.code())
                .setTimestamp(ListOffsetsResponse.UNKNOWN_TIMESTAMP)
                .setOffset(ListOffsetsResponse.UNKNOWN_OFFSET);
    }

    private static CompletableFuture<ListOffsetsPartitionResponse> done(ListOffsetsPartitionResponse response) {
        return CompletableFuture.completedFuture(response);
    }

    private static ListOffsetsResponse respond(List<TopicAnswer> topics) {
        var data = new ListOffsetsResponseData();
        for (TopicAnswer topic : topics) {
            data.topics()
                    .add(new ListOffsetsTopicResponse()
                            .setName(topic.name())
                            .setPartitions(topic.partitions().stream()
                                    .map(CompletableFuture::join)
                                    .toList()));
        }
        return new ListOffsetsResponse(data);
    }

    private record TopicAnswer(String name, List<CompletableFuture<ListOffsetsPartitionResponse>> partitions) {}
}
