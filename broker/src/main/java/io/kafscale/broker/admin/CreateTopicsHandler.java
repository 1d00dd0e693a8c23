package io.kafscale.broker.admin;

import io.kafscale.broker.request.BrokerContext;
import io.kafscale.broker.request.ClusterView;
import io.kafscale.broker.request.ErrorMapping;
import io.kafscale.metastore.cluster.CreateTopicResult;
import io.kafscale.metastore.cluster.NewTopic;
import io.kafscale.metastore.cluster.TopicRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidReplicaAssignmentException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableReplicaAssignment;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicConfigs;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.CreateTopicsRequest;
import org.apache.kafka.common.requests.CreateTopicsResponse;
import org.apache.kafka.common.requests.DescribeConfigsResponse;

/**
 * Answers CreateTopics. Any replication factor and any assignment is accepted, since the object store keeps the records; a topic is
 * answered when it can be used, or when the request's timeout has passed.
 */
public final class CreateTopicsHandler {
    private final BrokerContext broker;
    private final TopicCreation creation;
    private final TopicConfigs configs;
    private final ErrorMapping errors;

    /** A handler that creates topics through {@code creation}. */
    public CreateTopicsHandler(BrokerContext broker, TopicCreation creation) {
        this.broker = broker;
        this.creation = creation;
        this.configs = new TopicConfigs(broker.settings().topics());
        this.errors = broker.errors();
    }

    /** Answers each topic on its own. */
    public CompletableFuture<CreateTopicsResponse> handle(CreateTopicsRequest request) {
        Set<String> seen = new HashSet<>();
        Set<String> twice = new HashSet<>();
        for (CreatableTopic topic : request.data().topics()) {
            if (!seen.add(topic.name())) {
                twice.add(topic.name());
            }
        }
        Duration limit = Duration.ofMillis(Math.max(0, request.data().timeoutMs()));
        List<CompletableFuture<CreatableTopicResult>> results = new ArrayList<>();
        for (CreatableTopic topic : request.data().topics()) {
            if (seen.remove(topic.name())) {
                results.add(
                        twice.contains(topic.name())
                                ? done(failed(
                                        topic.name(), new ApiError(Errors.INVALID_REQUEST, "Duplicate topic name.")))
                                : create(topic, request.data().validateOnly(), limit));
            }
        }
        return CompletableFuture.allOf(results.toArray(CompletableFuture<?>[]::new))
                .thenApply(all -> {
                    var data = new CreateTopicsResponseData();
                    results.forEach(result -> data.topics().add(result.join()));
                    return new CreateTopicsResponse(data);
                });
    }

    private CompletableFuture<CreatableTopicResult> create(
            CreatableTopic requested, boolean validateOnly, Duration limit) {
        if (requested.name().equals(Topic.CLUSTER_METADATA_TOPIC_NAME)) {
            String prohibited = "Creation of internal topic " + requested.name() + " is prohibited.";
            return done(failed(requested.name(), new ApiError(Errors.INVALID_REQUEST, prohibited)));
        }
        NewTopic topic;
        try {
            topic = new NewTopic(requested.name(), partitions(requested), configs(requested));
        } catch (ApiException refused) {
            return done(failed(requested.name(), ApiError.fromThrowable(refused)));
        }
        CompletableFuture<CreateTopicResult> result =
                validateOnly ? broker.topics().validate(topic) : creation.create(topic, limit);
        return result.handle((outcome, failure) -> failure == null
                ? answer(topic.name(), outcome, validateOnly)
                : failed(topic.name(), errors.explained(failure)));
    }

    private int partitions(CreatableTopic topic) {
        if (!topic.assignments().isEmpty()) {
            return assigned(topic);
        }
        if (topic.replicationFactor() < -1 || topic.replicationFactor() == 0) {
            throw new InvalidReplicationFactorException(
                    "Replication factor must be larger than 0, or -1 to use the default value.");
        }
        if (topic.numPartitions() < -1 || topic.numPartitions() == 0) {
            throw new InvalidPartitionsException("Number of partitions was set to an invalid non-positive value.");
        }
        return topic.numPartitions() == -1 ? broker.settings().topics().partitions() : topic.numPartitions();
    }

    private static int assigned(CreatableTopic topic) {
        if (topic.replicationFactor() != -1) {
            throw new InvalidRequestException(
                    "A manual partition assignment was specified, but replication factor was not set to -1.");
        }
        if (topic.numPartitions() != -1) {
            throw new InvalidRequestException(
                    "A manual partition assignment was specified, but numPartitions was not set to -1.");
        }
        int count = topic.assignments().size();
        for (CreatableReplicaAssignment assignment : topic.assignments()) {
            Assignments.check(assignment.brokerIds());
            if (assignment.partitionIndex() < 0 || assignment.partitionIndex() >= count) {
                throw new InvalidReplicaAssignmentException(
                        "partitions should be a consecutive 0-based integer sequence");
            }
        }
        return count;
    }

    private Map<String, String> configs(CreatableTopic topic) {
        Map<String, String> set = new HashMap<>();
        for (CreatableTopicConfig config : topic.configs()) {
            if (config.value() == null) {
                throw new InvalidConfigurationException("Null value not supported for topic configs: " + config.name());
            }
            set.put(config.name(), config.value());
        }
        configs.validate(set);
        return set;
    }

    private CreatableTopicResult answer(String name, CreateTopicResult result, boolean validateOnly) {
        return switch (result) {
            case CreateTopicResult.Created created -> created(created.topic(), validateOnly);
            case CreateTopicResult.AlreadyExists exists ->
                failed(name, new ApiError(Errors.TOPIC_ALREADY_EXISTS, "Topic '" + name + "' already exists."));
            case CreateTopicResult.InvalidTopic refused ->
                failed(name, new ApiError(Errors.INVALID_TOPIC_EXCEPTION, refused.reason()));
            case CreateTopicResult.InvalidPartitions refused ->
                failed(name, new ApiError(Errors.INVALID_PARTITIONS, refused.reason()));
            case CreateTopicResult.InvalidConfigs refused ->
                failed(name, new ApiError(Errors.INVALID_CONFIG, refused.reason()));
        };
    }

    private CreatableTopicResult created(TopicRecord topic, boolean validateOnly) {
        var result = new CreatableTopicResult()
                .setName(topic.name())
                .setErrorMessage(null)
                .setNumPartitions(topic.partitions())
                .setReplicationFactor((short) 1);
        if (!validateOnly) {
            result.setTopicId(ClusterView.toKafka(topic.id()));
        }
        configs.effective(topic.configs()).forEach((name, value) -> {
            boolean set = topic.configs().containsKey(name);
            result.configs()
                    .add(new CreatableTopicConfigs()
                            .setName(name)
                            .setValue(value)
                            .setConfigSource(source(set)));
        });
        return result;
    }

    private static byte source(boolean set) {
        return set
                ? DescribeConfigsResponse.ConfigSource.TOPIC_CONFIG.id()
                : DescribeConfigsResponse.ConfigSource.DEFAULT_CONFIG.id();
    }

    private static CreatableTopicResult failed(String name, ApiError error) {
        return new CreatableTopicResult()
                .setName(name)
                .setErrorCode(error.error().code())
                .setErrorMessage(error.message());
    }

    private static CompletableFuture<CreatableTopicResult> done(CreatableTopicResult result) {
        return CompletableFuture.completedFuture(result);
    }
}
