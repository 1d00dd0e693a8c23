package io.kafscale.broker.produce;

import io.kafscale.broker.request.BrokerContext;
import io.kafscale.broker.request.ClusterView;
import io.kafscale.broker.request.ErrorMapping;
import io.kafscale.broker.request.KafkaTime;
import io.kafscale.log.AppendRequest;
import io.kafscale.log.AppendRequest.Acknowledge;
import io.kafscale.log.AppendResult;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.TopicRecord;
import io.kafscale.runtime.FutureFailure;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.BatchIndexAndErrorMessage;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.message.ProduceResponseData.TopicProduceResponse;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.ProduceResponse;
import org.apache.kafka.common.requests.ProduceResponse.RecordError;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.storage.internals.log.RecordValidationException;
import org.jspecify.annotations.Nullable;

/**
 * Answers Produce. Validates and appends on the calling network thread, so that appends of one connection to one partition enter
 * the log in request order; the records are slices of the request's buffer, which the log takes over.
 */
public final class ProduceHandler {
    private static final short FIRST_VERSION_WITH_TOPIC_IDS = 13;
    private static final short FIRST_VERSION_WITH_LEADERS = 10;
    private static final short LAST_VERSION_WITHOUT_STORAGE_ERROR = 3;
    private static final short ALL_ACKS = -1;

    /** How long an append waits at least for room in a full buffer if nobody waits for its acknowledgement by all. */
    private static final int LEAST_PATIENCE_MS = 30_000;

    private final BrokerContext broker;
    private final ErrorMapping errors;
    private final RecordValidation validation;

    /** A handler over the broker's log. */
    public ProduceHandler(BrokerContext broker) {
        this.broker = broker;
        this.errors = broker.errors();
        this.validation = new RecordValidation(broker.settings().validation(), new KafkaTime(broker.time()));
    }

    /** Starts to append; the answer is for every {@code acks}, and the network layer keeps that of {@code acks=0} to itself. */
    public CompletableFuture<ProduceResponse> handle(RequestContext context, ProduceRequest request) {
        var call = new Call(context.apiVersion(), request, broker.cluster());
        Optional<Errors> refusal = refusal(request);
        List<TopicAnswer> topics = new ArrayList<>();
        for (TopicProduceData topic : request.data().topicData()) {
            List<CompletableFuture<PartitionProduceResponse>> partitions = new ArrayList<>();
            for (PartitionProduceData partition : topic.partitionData()) {
                partitions.add(refusal.map(error -> done(failed(partition.index(), error, null)))
                        .orElseGet(() -> append(call, topic, partition)));
            }
            topics.add(new TopicAnswer(topic.name(), topic.topicId(), partitions));
        }
        var all = topics.stream().flatMap(topic -> topic.partitions().stream()).toArray(CompletableFuture<?>[]::new);
        return CompletableFuture.allOf(all).thenApply(done -> respond(call, topics));
    }

    /** What is wrong with the whole request: there are no transactions here, so nobody may use a transactional id. */
    private static Optional<Errors> refusal(ProduceRequest request) {
        if (request.acks() < -1 || request.acks() > 1) {
            return Optional.of(Errors.INVALID_REQUIRED_ACKS);
        }
        return request.transactionalId() != null
                ? Optional.of(Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
                : Optional.empty();
    }

    private CompletableFuture<PartitionProduceResponse> append(
            Call call, TopicProduceData requested, PartitionProduceData data) {
        Optional<TopicRecord> topic = call.cluster().topic(requested.topicId(), requested.name());
        if (topic.isEmpty()) {
            return done(failed(
                    data.index(),
                    call.version() >= FIRST_VERSION_WITH_TOPIC_IDS
                            ? Errors.UNKNOWN_TOPIC_ID
                            : Errors.UNKNOWN_TOPIC_OR_PARTITION,
                    null));
        }
        Optional<PartitionId> partition = ClusterView.partition(topic.get(), data.index());
        if (partition.isEmpty()) {
            return done(failed(data.index(), Errors.UNKNOWN_TOPIC_OR_PARTITION, null));
        }
        if (Topic.isInternal(topic.get().name())) {
            return done(failed(data.index(), Errors.INVALID_TOPIC_EXCEPTION, null));
        }
        RecordRules rules = RecordRules.of(topic.get().configs());
        ByteBuffer batches;
        try {
            if (!(data.records() instanceof MemoryRecords records)) {
                return done(failed(data.index(), Errors.INVALID_RECORD, "there are no records for this partition"));
            }
            if (isTransactional(records)) {
                return done(failed(data.index(), Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, null));
            }
            batches = validation.validate(
                    new TopicPartition(topic.get().name(), data.index()), records, rules, call.version());
        } catch (RecordValidationException refused) {
            return done(failed(data.index(), refused));
        } catch (ApiException refused) {
            return done(failed(data.index(), Errors.forException(refused), refused.getMessage()));
        }
        var request = new AppendRequest(
                partition.get(),
                batches,
                call.request().acks() == ALL_ACKS ? Acknowledge.DURABLE : Acknowledge.ASSIGNED,
                broker.deadlineIn(patienceMs(call.request())),
                OptionalInt.empty());
        return broker.log()
                .append(request)
                .handle((result, failure) -> failure == null
                        ? appended(data.index(), result, rules)
                        : failedAppend(call, partition.get(), failure));
    }

    /**
     * The timeout of a request is for acknowledgement by all; as in Kafka it says nothing to appends that do not wait for that, and
     * records whose acknowledgement comes too late are in the log all the same.
     */
    private static int patienceMs(ProduceRequest request) {
        return request.acks() == ALL_ACKS ? request.timeout() : Math.max(request.timeout(), LEAST_PATIENCE_MS);
    }

    private static boolean isTransactional(MemoryRecords records) {
        var batches = records.batches().iterator();
        if (!batches.hasNext()) {
            return false;
        }
        RecordBatch first = batches.next();
        return first.magic() >= RecordBatch.MAGIC_VALUE_V2 && first.isTransactional();
    }

    /** As in Kafka the answer for a duplicate has the timestamp of the original, whoever set that. */
    private static PartitionProduceResponse appended(int index, AppendResult result, RecordRules rules) {
        return new PartitionProduceResponse()
                .setIndex(index)
                .setBaseOffset(result.baseOffset())
                .setLogStartOffset(result.logStartOffset())
                .setLogAppendTimeMs(
                        result.duplicate() ? result.maxTimestampMs() : rules.logAppendTimeMs(result.maxTimestampMs()));
    }

    private PartitionProduceResponse failedAppend(Call call, PartitionId partition, Throwable failure) {
        Errors error = errors.of(failure);
        if (error == Errors.KAFKA_STORAGE_ERROR && call.version() <= LAST_VERSION_WITHOUT_STORAGE_ERROR) {
            error = Errors.NOT_LEADER_OR_FOLLOWER;
        }
        String message = error == Errors.UNKNOWN_SERVER_ERROR
                ? null
                : FutureFailure.cause(failure).getMessage();
        PartitionProduceResponse response = failed(partition.partition(), error, message);
        if (error == Errors.NOT_LEADER_OR_FOLLOWER && call.version() >= FIRST_VERSION_WITH_LEADERS) {
            ClusterView.Leader leader = broker.cluster().leader(partition);
            response.currentLeader().setLeaderId(leader.brokerId()).setLeaderEpoch(leader.epoch());
        }
        return response;
    }

    private static PartitionProduceResponse failed(int index, RecordValidationException refused) {
        PartitionProduceResponse response = failed(
                index,
                Errors.forException(refused.invalidException()),
                refused.invalidException().getMessage());
        for (RecordError record : refused.recordErrors()) {
            response.recordErrors()
                    .add(new BatchIndexAndErrorMessage()
                            .setBatchIndex(record.batchIndex)
                            .setBatchIndexErrorMessage(record.message));
        }
        return response;
    }

    private static PartitionProduceResponse failed(int index, Errors error, @Nullable String message) {
        return new PartitionProduceResponse()
                .setIndex(index)
                .setErrorCode(error.code())
                .setErrorMessage(message)
                .setBaseOffset(ProduceResponse.INVALID_OFFSET);
    }

    private static CompletableFuture<PartitionProduceResponse> done(PartitionProduceResponse response) {
        return CompletableFuture.completedFuture(response);
    }

    private ProduceResponse respond(Call call, List<TopicAnswer> topics) {
        var data = new ProduceResponseData().setThrottleTimeMs(broker.throttleMs());
        for (TopicAnswer topic : topics) {
            TopicProduceResponse answer = data.responses().find(topic.name(), topic.topicId());
            if (answer == null) {
                answer = new TopicProduceResponse().setName(topic.name()).setTopicId(topic.topicId());
                data.responses().add(answer);
            }
            for (CompletableFuture<PartitionProduceResponse> partition : topic.partitions()) {
                answer.partitionResponses().add(partition.join());
            }
        }
        if (call.version() >= FIRST_VERSION_WITH_LEADERS) {
            addEndpoints(data);
        }
        return new ProduceResponse(data);
    }

    private void addEndpoints(ProduceResponseData data) {
        data.responses().stream()
                .flatMap(topic -> topic.partitionResponses().stream())
                .map(partition -> partition.currentLeader().leaderId())
                .distinct()
                .flatMap(leader -> broker.cluster().node(leader).stream())
                .forEach(node -> data.nodeEndpoints()
                        .add(new ProduceResponseData.NodeEndpoint()
                                .setNodeId(node.id())
                                .setHost(node.host())
                                .setPort(node.port())
                                .setRack(node.rack())));
    }

    private record Call(short version, ProduceRequest request, ClusterView cluster) {}

    private record TopicAnswer(
            String name, Uuid topicId, List<CompletableFuture<PartitionProduceResponse>> partitions) {}
}
