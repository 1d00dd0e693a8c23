package io.kafscale.broker.admin;

import io.kafscale.broker.request.BrokerContext;
import io.kafscale.broker.request.Deadlines;
import io.kafscale.broker.request.ErrorMapping;
import io.kafscale.metastore.cluster.AlterTopicResult;
import io.kafscale.metastore.cluster.TopicRecord;
import io.kafscale.metastore.cluster.TopicStore;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidReplicaAssignmentException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreatePartitionsResponseData.CreatePartitionsTopicResult;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.CreatePartitionsRequest;
import org.apache.kafka.common.requests.CreatePartitionsResponse;

/** Answers CreatePartitions when the new partitions can be used. */
public final class CreatePartitionsHandler {
    private final BrokerContext broker;
    private final Deadlines deadlines;
    private final ErrorMapping errors;

    private final TopicCreation creation;

    /** A handler over the broker's topic store, which waits for new partitions as {@code creation} does for new topics. */
    public CreatePartitionsHandler(BrokerContext broker, TopicCreation creation) {
        this.broker = broker;
        this.creation = creation;
        this.deadlines = new Deadlines(broker.loop());
        this.errors = broker.errors();
    }

    /** Answers each topic on its own. */
    public CompletableFuture<CreatePartitionsResponse> handle(CreatePartitionsRequest request) {
        Duration limit = Duration.ofMillis(Math.max(0, request.data().timeoutMs()));
        Set<String> seen = new HashSet<>();
        List<CompletableFuture<CreatePartitionsTopicResult>> results = request.data().topics().stream()
                .map(topic -> seen.add(topic.name())
                        ? grow(topic, request.data().validateOnly(), limit)
                        : CompletableFuture.completedFuture(
                                result(topic.name(), new ApiError(Errors.INVALID_REQUEST, "Duplicate topic name."))))
                .toList();
        return CompletableFuture.allOf(results.toArray(CompletableFuture<?>[]::new))
                .thenApply(all -> new CreatePartitionsResponse(new CreatePartitionsResponseData()
                        .setResults(
                                results.stream().map(CompletableFuture::join).toList())));
    }

    private CompletableFuture<CreatePartitionsTopicResult> grow(
            CreatePartitionsTopic topic, boolean validateOnly, Duration limit) {
        try {
            check(topic);
        } catch (ApiException refused) {
            return CompletableFuture.completedFuture(result(topic.name(), ApiError.fromThrowable(refused)));
        }
        if (validateOnly) {
            return CompletableFuture.completedFuture(result(topic.name(), ApiError.NONE));
        }
        CompletableFuture<ApiError> grown =
                broker.topics().addPartitions(topic.name(), topic.count()).thenCompose(this::served);
        return deadlines
                .within(limit, grown, "adding partitions to topic " + topic.name())
                .handle((error, failure) -> result(topic.name(), failure == null ? error : errors.explained(failure)));
    }

    private void check(CreatePartitionsTopic topic) {
        TopicRecord record = broker.cluster()
                .topic(topic.name())
                .orElseThrow(() -> new UnknownTopicOrPartitionException("There is no topic " + topic.name() + "."));
        if (topic.count() == record.partitions()) {
            throw new InvalidPartitionsException("Topic already has " + record.partitions() + " partition(s).");
        }
        if (topic.count() < record.partitions()) {
            throw new InvalidPartitionsException("The topic " + topic.name() + " currently has " + record.partitions()
                    + " partition(s); " + topic.count() + " would not be an increase.");
        }
        if (topic.count() > TopicStore.MAX_PARTITIONS) {
            throw new InvalidPartitionsException(
                    "A topic has at most " + TopicStore.MAX_PARTITIONS + " partitions, not " + topic.count() + ".");
        }
        if (topic.assignments() == null) {
            return;
        }
        int additional = topic.count() - record.partitions();
        if (topic.assignments().size() != additional) {
            throw new InvalidReplicaAssignmentException("Attempted to add " + additional
                    + " additional partition(s), but only "
                    + topic.assignments().size()
                    + " assignment(s) were specified.");
        }
        topic.assignments().forEach(assignment -> Assignments.check(assignment.brokerIds()));
    }

    private CompletableFuture<ApiError> served(AlterTopicResult result) {
        return switch (result) {
            case AlterTopicResult.Altered altered ->
                creation.led(altered.revision(), altered.topic().id()).thenApply(ready -> ApiError.NONE);
            case AlterTopicResult.NotFound gone ->
                CompletableFuture.completedFuture(
                        ApiError.fromThrowable(Errors.UNKNOWN_TOPIC_OR_PARTITION.exception()));
            case AlterTopicResult.Rejected rejected ->
                CompletableFuture.completedFuture(new ApiError(Errors.INVALID_PARTITIONS, rejected.reason()));
        };
    }

    private static CreatePartitionsTopicResult result(String name, ApiError error) {
        return new CreatePartitionsTopicResult()
                .setName(name)
                .setErrorCode(error.error().code())
                .setErrorMessage(error.message());
    }
}
