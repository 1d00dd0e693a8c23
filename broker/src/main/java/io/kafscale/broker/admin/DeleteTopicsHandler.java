package io.kafscale.broker.admin;

import io.kafscale.broker.request.BrokerContext;
import io.kafscale.broker.request.ClusterView;
import io.kafscale.broker.request.Deadlines;
import io.kafscale.broker.request.ErrorMapping;
import io.kafscale.metastore.cluster.DeleteTopicResult;
import io.kafscale.metastore.cluster.TopicRecord;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsResponseData.DeletableTopicResult;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.DeleteTopicsRequest;
import org.apache.kafka.common.requests.DeleteTopicsResponse;
import org.jspecify.annotations.Nullable;

/** Answers DeleteTopics, by name and by id, when this broker no longer knows the topics. */
public final class DeleteTopicsHandler {
    private final BrokerContext broker;
    private final Deadlines deadlines;
    private final ErrorMapping errors;

    /** A handler over the broker's topic store. */
    public DeleteTopicsHandler(BrokerContext broker) {
        this.broker = broker;
        this.deadlines = new Deadlines(broker.loop());
        this.errors = broker.errors();
    }

    /** Answers each topic on its own. */
    public CompletableFuture<DeleteTopicsResponse> handle(DeleteTopicsRequest request) {
        Duration limit = Duration.ofMillis(Math.max(0, request.data().timeoutMs()));
        Set<UuidOrName> seen = new HashSet<>();
        List<CompletableFuture<DeletableTopicResult>> results = request.topics().stream()
                .map(topic -> seen.add(new UuidOrName(topic.topicId(), topic.name()))
                        ? delete(topic, limit)
                        : done(failed(topic, new ApiError(Errors.INVALID_REQUEST, "Duplicate topic name or id."))))
                .toList();
        return CompletableFuture.allOf(results.toArray(CompletableFuture<?>[]::new))
                .thenApply(all -> {
                    var data = new DeleteTopicsResponseData();
                    results.forEach(result -> data.responses().add(result.join()));
                    return new DeleteTopicsResponse(data);
                });
    }

    private CompletableFuture<DeletableTopicResult> delete(DeleteTopicState topic, Duration limit) {
        boolean byId = !topic.topicId().equals(Uuid.ZERO_UUID);
        if (byId == (topic.name() != null)) {
            return done(failed(
                    topic,
                    new ApiError(
                            Errors.INVALID_REQUEST,
                            byId
                                    ? "You may not specify both topic name and topic id."
                                    : "Neither topic name nor id were specified.")));
        }
        Optional<TopicRecord> found = byId
                ? broker.cluster().topic(topic.topicId())
                : broker.cluster().topic(topic.name());
        if (found.isEmpty()) {
            return done(failed(topic, unknown(byId)));
        }
        TopicRecord record = found.get();
        CompletableFuture<Boolean> deleted = broker.topics()
                .delete(record.name(), record.id())
                .thenCompose(result -> result instanceof DeleteTopicResult.Deleted gone
                        ? broker.images().awaitRevision(gone.revision()).thenApply(image -> true)
                        : CompletableFuture.completedFuture(false));
        return deadlines
                .within(limit, deleted, "deleting topic " + record.name())
                .handle((done, failure) -> {
                    if (failure != null) {
                        return failed(topic, errors.explained(failure));
                    }
                    return done ? deleted(record) : failed(topic, unknown(byId));
                });
    }

    private static ApiError unknown(boolean byId) {
        Errors error = byId ? Errors.UNKNOWN_TOPIC_ID : Errors.UNKNOWN_TOPIC_OR_PARTITION;
        return new ApiError(error, error.message());
    }

    private static DeletableTopicResult deleted(TopicRecord topic) {
        return new DeletableTopicResult().setName(topic.name()).setTopicId(ClusterView.toKafka(topic.id()));
    }

    private static DeletableTopicResult failed(DeleteTopicState topic, ApiError error) {
        return new DeletableTopicResult()
                .setName(topic.name())
                .setTopicId(topic.topicId())
                .setErrorCode(error.error().code())
                .setErrorMessage(error.message());
    }

    private static CompletableFuture<DeletableTopicResult> done(DeletableTopicResult result) {
        return CompletableFuture.completedFuture(result);
    }

    private record UuidOrName(Uuid id, @Nullable String name) {}
}
