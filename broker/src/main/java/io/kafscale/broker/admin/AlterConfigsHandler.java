package io.kafscale.broker.admin;

import io.kafscale.broker.request.BrokerContext;
import io.kafscale.broker.request.ErrorMapping;
import io.kafscale.metastore.cluster.AlterTopicResult;
import io.kafscale.metastore.cluster.TopicRecord;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.message.AlterConfigsResponseData;
import org.apache.kafka.common.message.AlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AlterConfigsRequest;
import org.apache.kafka.common.requests.AlterConfigsResponse;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.IncrementalAlterConfigsRequest;
import org.apache.kafka.common.requests.IncrementalAlterConfigsResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers AlterConfigs and IncrementalAlterConfigs for topics and consumer groups, when this broker's image shows the change. All else
 * is refused: settings of brokers come from their configuration file, environment and command line. Excepted are the throttles that
 * Kafka's tools set and remove while they reassign partitions.
 */
public final class AlterConfigsHandler {
    private static final Logger LOG = LoggerFactory.getLogger(AlterConfigsHandler.class);

    private final BrokerContext broker;
    private final TopicConfigs configs;
    private final ErrorMapping errors;

    /** A handler over the broker's topic store. */
    public AlterConfigsHandler(BrokerContext broker) {
        this.broker = broker;
        this.configs = new TopicConfigs(broker.settings().topics());
        this.errors = broker.errors();
    }

    /** Replaces all configs of each resource. */
    public CompletableFuture<AlterConfigsResponse> replace(AlterConfigsRequest request) {
        Set<Resource> seen = new HashSet<>();
        List<CompletableFuture<Outcome>> outcomes = request.data().resources().stream()
                .map(resource -> alter(
                        new Resource(resource.resourceType(), resource.resourceName()),
                        seen,
                        () -> ConfigChange.Replace.of(resource.configs()),
                        request.data().validateOnly()))
                .toList();
        return CompletableFuture.allOf(outcomes.toArray(CompletableFuture<?>[]::new))
                .thenApply(all -> {
                    var data = new AlterConfigsResponseData();
                    outcomes.stream()
                            .map(CompletableFuture::join)
                            .forEach(outcome -> data.responses()
                                    .add(new AlterConfigsResourceResponse()
                                            .setResourceType(outcome.resource().type())
                                            .setResourceName(outcome.resource().name())
                                            .setErrorCode(
                                                    outcome.error().error().code())
                                            .setErrorMessage(outcome.error().message())));
                    return new AlterConfigsResponse(data);
                });
    }

    /** Changes single configs of each resource. */
    public CompletableFuture<IncrementalAlterConfigsResponse> change(IncrementalAlterConfigsRequest request) {
        Set<Resource> seen = new HashSet<>();
        List<CompletableFuture<Outcome>> outcomes = request.data().resources().stream()
                .map(resource -> alter(
                        new Resource(resource.resourceType(), resource.resourceName()),
                        seen,
                        () -> ConfigChange.Incremental.of(resource.configs()),
                        request.data().validateOnly()))
                .toList();
        return CompletableFuture.allOf(outcomes.toArray(CompletableFuture<?>[]::new))
                .thenApply(all -> {
                    var data = new IncrementalAlterConfigsResponseData();
                    outcomes.stream()
                            .map(CompletableFuture::join)
                            .forEach(outcome -> data.responses()
                                    .add(new IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse()
                                            .setResourceType(outcome.resource().type())
                                            .setResourceName(outcome.resource().name())
                                            .setErrorCode(
                                                    outcome.error().error().code())
                                            .setErrorMessage(outcome.error().message())));
                    return new IncrementalAlterConfigsResponse(data);
                });
    }

    private CompletableFuture<Outcome> alter(
            Resource resource, Set<Resource> seen, Supplier<ConfigChange> change, boolean validateOnly) {
        try {
            if (!seen.add(resource)) {
                throw new InvalidRequestException("Each resource must appear at most once.");
            }
            ConfigChange checked = change.get();
            if (resource.type() == ConfigResource.Type.BROKER.id()
                    && checked instanceof ConfigChange.Incremental incremental
                    && ReplicationThrottles.areAll(incremental.names())) {
                return CompletableFuture.completedFuture(new Outcome(resource, ApiError.NONE));
            }
            return switch (ConfigResource.Type.forId(resource.type())) {
                case TOPIC -> alterTopic(resource, checked, validateOnly);
                case UNKNOWN -> throw new InvalidRequestException("Unknown resource type " + resource.type());
                case GROUP -> alterGroup(resource, checked, validateOnly);
                case BROKER, BROKER_LOGGER, CLIENT_METRICS ->
                    throw new InvalidRequestException("Configs of a "
                            + ConfigResource.Type.forId(resource.type())
                                    .name()
                                    .toLowerCase(Locale.ROOT)
                                    .replace('_', ' ')
                            + " cannot be altered through the protocol; brokers are configured by file, environment and"
                            + " command line.");
            };
        } catch (ApiException refused) {
            return CompletableFuture.completedFuture(new Outcome(resource, ApiError.fromThrowable(refused)));
        }
    }

    private CompletableFuture<Outcome> alterTopic(Resource resource, ConfigChange change, boolean validateOnly) {
        if (resource.name().isEmpty()) {
            throw new InvalidRequestException("Default topic resources are not allowed.");
        }
        TopicRecord topic = broker.cluster()
                .topic(resource.name())
                .orElseThrow(() ->
                        new UnknownTopicOrPartitionException("The topic '" + resource.name() + "' does not exist."));
        if (validateOnly) {
            changed(topic, change);
            return CompletableFuture.completedFuture(new Outcome(resource, ApiError.NONE));
        }
        return broker.topics()
                .alterConfigs(resource.name(), before -> changed(before, change))
                .thenCompose(this::shown)
                .handle((error, failure) -> new Outcome(resource, failure == null ? error : errors.explained(failure)));
    }

    private CompletableFuture<Outcome> alterGroup(Resource resource, ConfigChange change, boolean validateOnly) {
        if (resource.name().isEmpty()) {
            throw new InvalidRequestException("Default group resources are not allowed.");
        }
        if (validateOnly) {
            changed(broker.cluster().groupConfigs(resource.name()), change);
            return CompletableFuture.completedFuture(new Outcome(resource, ApiError.NONE));
        }
        return broker.groupSettings()
                .store()
                .alter(resource.name(), before -> changed(before, change))
                .thenCompose(revision -> broker.images().awaitRevision(revision))
                .handle((image, failure) ->
                        new Outcome(resource, failure == null ? ApiError.NONE : errors.explained(failure)));
    }

    private Map<String, String> changed(Map<String, String> group, ConfigChange change) {
        Map<String, String> after = change.applyTo(group, configs);
        broker.groupSettings().rules().validate(after);
        return after;
    }

    private Map<String, String> changed(TopicRecord topic, ConfigChange change) {
        Map<String, String> after = change.applyTo(topic.configs(), configs);
        configs.validate(after);
        return after;
    }

    private CompletableFuture<ApiError> shown(AlterTopicResult result) {
        return switch (result) {
            case AlterTopicResult.Altered altered -> {
                TopicConfigs.warnings(altered.topic().configs())
                        .forEach(warning ->
                                LOG.warn("Topic '{}': {}", altered.topic().name(), warning));
                yield broker.images().awaitRevision(altered.revision()).thenApply(image -> ApiError.NONE);
            }
            case AlterTopicResult.NotFound gone ->
                CompletableFuture.completedFuture(
                        ApiError.fromThrowable(Errors.UNKNOWN_TOPIC_OR_PARTITION.exception()));
            case AlterTopicResult.Rejected rejected ->
                CompletableFuture.completedFuture(new ApiError(Errors.INVALID_CONFIG, rejected.reason()));
        };
    }

    /** What is to be altered: the type as the client gave it, since it is answered with the same. */
    private record Resource(byte type, String name) {}

    private record Outcome(Resource resource, ApiError error) {}
}
