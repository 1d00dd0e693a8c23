package io.kafscale.broker.fetch;

import io.kafscale.broker.request.BrokerContext;
import io.kafscale.broker.request.ClusterView;
import io.kafscale.broker.request.ErrorMapping;
import io.kafscale.log.FetchQuery;
import io.kafscale.log.FetchResult;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.TopicRecord;
import io.kafscale.wire.GatheredRecords;
import io.kafscale.wire.RequestBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.EpochEndOffset;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.FetchMetadata;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.jspecify.annotations.Nullable;

/**
 * Answers Fetch. Incremental fetch sessions are declined as Kafka declines them when its session cache is full: every answer has
 * session id 0, and the client sends all its partitions each time.
 */
public final class FetchHandler {
    private static final int REFUSED_THROTTLE_MS = 100;
    private static final short FIRST_VERSION_WITH_TOPIC_IDS = 13;
    private static final short FIRST_VERSION_WITH_ENDPOINTS = 16;
    private static final short LAST_VERSION_WITHOUT_STORAGE_ERROR = 5;

    /** Bytes of answers that clients have not taken yet: an eighth of the smallest heap that is recommended. */
    public static final long UNSENT_BYTES = 64L << 20;

    private final BrokerContext broker;
    private final ErrorMapping errors;
    private final UnsentAnswers unsent = new UnsentAnswers(UNSENT_BYTES);

    /** A handler over the broker's log. */
    public FetchHandler(BrokerContext broker) {
        this.broker = broker;
        this.errors = broker.errors();
    }

    /**
     * Answers when the log has enough, or what time allows. While many answers wait for slow readers it brings less, and to a
     * connection that still has one waiting it brings nothing and asks the client to come back later.
     */
    public CompletableFuture<FetchResponse> handle(RequestContext context, FetchRequest request, RequestBuffer buffer) {
        FetchMetadata session = request.metadata();
        if (!session.isFull()) {
            return CompletableFuture.completedFuture(refused(Errors.FETCH_SESSION_ID_NOT_FOUND));
        }
        if (FetchRequest.isValidBrokerId(request.replicaId())) {
            // There are no followers here: whoever says so is not one of us.
            return CompletableFuture.completedFuture(refused(Errors.INVALID_REQUEST));
        }
        var call = new Call(context.apiVersion(), request.isolationLevel());
        List<Slot> slots = slots(call, request);
        List<FetchQuery.Part> parts =
                slots.stream().flatMap(slot -> slot.part().stream()).toList();
        if (parts.isEmpty()) {
            return CompletableFuture.completedFuture(respond(call, slots, List.of()));
        }
        boolean answerNow = parts.size() < slots.size();
        UnsentAnswers.Share share = unsent.share(context.connectionId);
        int maxBytes = Math.min(request.maxBytes(), broker.settings().fetchMaxBytes());
        var query = new FetchQuery(
                parts,
                answerNow ? 0 : Math.clamp(request.minBytes(), 0, maxBytes),
                maxBytes,
                broker.deadlineIn(answerNow ? 0 : request.maxWait()),
                share);
        buffer.onAnswered(share::release);
        return broker.log().fetch(query).thenApply(result -> {
            buffer.onAnswered(result.release());
            share.settle(sizeOf(result));
            FetchResponse response = respond(call, slots, result.parts());
            response.maybeSetThrottleTimeMs(share.wasRefused() ? REFUSED_THROTTLE_MS : broker.throttleMs());
            return response;
        });
    }

    private static long sizeOf(FetchResult result) {
        long bytes = 0;
        for (FetchResult.Part part : result.parts()) {
            bytes += part instanceof FetchResult.Records records ? records.sizeInBytes() : 0;
        }
        return bytes;
    }

    private static FetchResponse refused(Errors error) {
        return FetchResponse.of(
                new FetchResponseData().setErrorCode(error.code()).setSessionId(FetchMetadata.INVALID_SESSION_ID));
    }

    private List<Slot> slots(Call call, FetchRequest request) {
        ClusterView cluster = broker.cluster();
        List<Slot> slots = new ArrayList<>();
        for (FetchTopic requested : request.data().topics()) {
            Optional<TopicRecord> topic = cluster.topic(requested.topicId(), requested.topic());
            for (FetchPartition partition : requested.partitions()) {
                slots.add(slot(call, request, requested, partition, topic));
            }
        }
        return slots;
    }

    private static Slot slot(
            Call call,
            FetchRequest request,
            FetchTopic requested,
            FetchPartition partition,
            Optional<TopicRecord> topic) {
        Optional<PartitionId> id = topic.flatMap(known -> ClusterView.partition(known, partition.partition()));
        if (id.isPresent() && (request.maxBytes() < 0 || partition.partitionMaxBytes() < 0)) {
            // No client sends less than nothing; this is how Kafka answers who does.
            return new Slot(requested, partition.partition(), Errors.UNKNOWN_SERVER_ERROR, Optional.empty());
        }
        Errors error = topic.isEmpty() && call.version() >= FIRST_VERSION_WITH_TOPIC_IDS
                ? Errors.UNKNOWN_TOPIC_ID
                : Errors.UNKNOWN_TOPIC_OR_PARTITION;
        return new Slot(requested, partition.partition(), error, id.map(known -> part(known, partition)));
    }

    private static FetchQuery.Part part(PartitionId id, FetchPartition partition) {
        return new FetchQuery.Part(
                id,
                partition.fetchOffset(),
                partition.partitionMaxBytes(),
                epoch(partition.currentLeaderEpoch()),
                epoch(partition.lastFetchedEpoch()));
    }

    private static OptionalInt epoch(int epoch) {
        return epoch < 0 ? OptionalInt.empty() : OptionalInt.of(epoch);
    }

    private FetchResponse respond(Call call, List<Slot> slots, List<FetchResult.Part> parts) {
        var data = new FetchResponseData().setSessionId(FetchMetadata.INVALID_SESSION_ID);
        FetchTopic current = null;
        FetchableTopicResponse topic = new FetchableTopicResponse();
        int next = 0;
        for (Slot slot : slots) {
            if (slot.topic() != current) {
                current = slot.topic();
                topic = new FetchableTopicResponse().setTopic(current.topic()).setTopicId(current.topicId());
                data.responses().add(topic);
            }
            topic.partitions()
                    .add(
                            slot.part().isEmpty()
                                    ? failed(call, slot.partition(), slot.error())
                                    : answer(call, slot.partition(), parts.get(next++)));
        }
        if (call.version() >= FIRST_VERSION_WITH_ENDPOINTS) {
            addEndpoints(data);
        }
        return FetchResponse.of(data);
    }

    private PartitionData answer(Call call, int partition, FetchResult.Part part) {
        return switch (part) {
            case FetchResult.Records records -> {
                PartitionData data = new PartitionData()
                        .setPartitionIndex(partition)
                        .setHighWatermark(records.highWatermark())
                        .setLastStableOffset(records.highWatermark())
                        .setLogStartOffset(records.logStartOffset())
                        .setAbortedTransactions(call.noAborted())
                        .setRecords(GatheredRecords.of(records.records()));
                records.divergence()
                        .ifPresent(end -> data.setDivergingEpoch(
                                new EpochEndOffset().setEpoch(end.leaderEpoch()).setEndOffset(end.endOffset())));
                yield data;
            }
            case FetchResult.Failed failed -> {
                PartitionData data = failed(call, partition, errors.ofFetch(failed.cause()));
                addLeader(call, data, failed.partition());
                yield data;
            }
        };
    }

    private static PartitionData failed(Call call, int partition, Errors error) {
        Errors told = error == Errors.KAFKA_STORAGE_ERROR && call.version() <= LAST_VERSION_WITHOUT_STORAGE_ERROR
                ? Errors.NOT_LEADER_OR_FOLLOWER
                : error;
        return new PartitionData()
                .setPartitionIndex(partition)
                .setErrorCode(told.code())
                .setHighWatermark(FetchResponse.INVALID_HIGH_WATERMARK)
                .setLastStableOffset(FetchResponse.INVALID_LAST_STABLE_OFFSET)
                .setLogStartOffset(FetchResponse.INVALID_LOG_START_OFFSET)
                .setAbortedTransactions(call.noAborted())
                .setRecords(MemoryRecords.EMPTY);
    }

    private void addLeader(Call call, PartitionData data, PartitionId partition) {
        Errors error = Errors.forCode(data.errorCode());
        if (call.version() >= FIRST_VERSION_WITH_ENDPOINTS
                && Set.of(Errors.NOT_LEADER_OR_FOLLOWER, Errors.FENCED_LEADER_EPOCH)
                        .contains(error)) {
            ClusterView.Leader leader = broker.cluster().leader(partition);
            data.currentLeader().setLeaderId(leader.brokerId()).setLeaderEpoch(leader.epoch());
        }
    }

    private void addEndpoints(FetchResponseData data) {
        data.responses().stream()
                .flatMap(topic -> topic.partitions().stream())
                .map(partition -> partition.currentLeader().leaderId())
                .distinct()
                .flatMap(leader -> broker.cluster().node(leader).stream())
                .forEach(node -> data.nodeEndpoints()
                        .add(new FetchResponseData.NodeEndpoint()
                                .setNodeId(node.id())
                                .setHost(node.host())
                                .setPort(node.port())
                                .setRack(node.rack())));
    }

    /** One partition of the request, in its order; {@code error} is for those that have no part. */
    private record Slot(FetchTopic topic, int partition, Errors error, Optional<FetchQuery.Part> part) {}

    private record Call(short version, IsolationLevel isolation) {
        /** Aborted transactions, of which there never are any: a list for who reads committed records only, else none. */
        @Nullable
        List<FetchResponseData.AbortedTransaction> noAborted() {
            return isolation == IsolationLevel.READ_COMMITTED ? List.of() : null;
        }
    }
}
