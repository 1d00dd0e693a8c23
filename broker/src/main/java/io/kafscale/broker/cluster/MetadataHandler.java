package io.kafscale.broker.cluster;

import io.kafscale.broker.admin.TopicCreation;
import io.kafscale.broker.request.AuthorizedOperations;
import io.kafscale.broker.request.BrokerContext;
import io.kafscale.broker.request.ClusterView;
import io.kafscale.metastore.cluster.NewTopic;
import io.kafscale.metastore.cluster.TopicNames;
import io.kafscale.metastore.cluster.TopicRecord;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseBroker;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers Metadata from the cluster image. Topics that a client asks for by name and that do not exist are created where broker and
 * client allow it; the answer waits a moment for them, so that a producer's first record need not wait for its retry.
 */
public final class MetadataHandler {
    private static final Logger LOG = LoggerFactory.getLogger(MetadataHandler.class);
    private static final Duration CREATION_WAIT = Duration.ofSeconds(3);
    private static final short FIRST_VERSION_WITH_TOPIC_IDS = 12;
    private static final short LAST_VERSION_WITH_CLUSTER_OPERATIONS = 10;

    private final BrokerContext broker;
    private final TopicCreation creation;
    private final SuspectedLeaders suspected;

    /** A handler that creates missing topics through {@code creation}. */
    public MetadataHandler(BrokerContext broker, TopicCreation creation) {
        this.broker = broker;
        this.creation = creation;
        this.suspected = new SuspectedLeaders(broker);
    }

    /** Answers at once unless topics have to be created, or it will show in a moment who leads. */
    public CompletableFuture<MetadataResponse> handle(RequestContext context, MetadataRequest request) {
        if (request.isAllTopics()) {
            ClusterView cluster = broker.cluster();
            return CompletableFuture.completedFuture(respond(
                    request,
                    context.apiVersion(),
                    cluster,
                    cluster.topics().stream()
                            .map(topic -> TopicMetadata.of(cluster, topic))
                            .toList()));
        }
        check(context.apiVersion(), request);
        Set<String> missing = missing(request);
        if (missing.isEmpty()) {
            return suspected
                    .settled(() -> known(request))
                    .thenApply(_ -> respond(request, context.apiVersion(), Set.of()));
        }
        var attempts = missing.stream()
                .map(name -> creation.ready(
                                new NewTopic(name, broker.settings().topics().partitions(), Map.of()), CREATION_WAIT)
                        // Whatever went wrong, the image tells below what there is, and the client asks again.
                        .exceptionally(failure -> {
                            LOG.info("Topic '{}', asked for by a client, cannot be used yet", name, failure);
                            return null;
                        }))
                .toArray(CompletableFuture<?>[]::new);
        return CompletableFuture.allOf(attempts).thenApply(done -> respond(request, context.apiVersion(), missing));
    }

    private static void check(short version, MetadataRequest request) {
        for (MetadataRequestTopic topic : request.data().topics()) {
            if (version < FIRST_VERSION_WITH_TOPIC_IDS
                    && (topic.name() == null || !topic.topicId().equals(Uuid.ZERO_UUID))) {
                throw new InvalidRequestException(
                        "Topics are asked for by name, not by id, in version " + version + " of Metadata");
            }
        }
    }

    /** Names that are asked for, legal, unknown, and to be created. */
    private Set<String> missing(MetadataRequest request) {
        Set<String> missing = new LinkedHashSet<>();
        if (!broker.settings().topics().autoCreate() || !request.allowAutoTopicCreation()) {
            return missing;
        }
        ClusterView cluster = broker.cluster();
        for (MetadataRequestTopic topic : request.data().topics()) {
            if (isByName(topic)
                    && cluster.topic(topic.name()).isEmpty()
                    && !topic.name().equals(Topic.CLUSTER_METADATA_TOPIC_NAME)
                    && TopicNames.problem(topic.name()).isEmpty()) {
                missing.add(topic.name());
            }
        }
        return missing;
    }

    private List<TopicRecord> known(MetadataRequest request) {
        ClusterView cluster = broker.cluster();
        return request.data().topics().stream()
                .flatMap(topic ->
                        (isByName(topic) ? cluster.topic(topic.name()) : cluster.topic(topic.topicId())).stream())
                .toList();
    }

    private static boolean isByName(MetadataRequestTopic topic) {
        // The Java client sends an empty name with an id, others null: the id decides.
        return topic.topicId().equals(Uuid.ZERO_UUID) && topic.name() != null;
    }

    private MetadataResponse respond(MetadataRequest request, short version, Set<String> created) {
        ClusterView cluster = broker.cluster();
        return respond(
                request,
                version,
                cluster,
                request.data().topics().stream()
                        .map(topic -> topic(cluster, topic, created))
                        .toList());
    }

    private static MetadataResponseTopic topic(
            ClusterView cluster, MetadataRequestTopic requested, Set<String> created) {
        if (!isByName(requested)) {
            return cluster.topic(requested.topicId())
                    .map(topic -> TopicMetadata.of(cluster, topic))
                    .orElseGet(() -> TopicMetadata.failed(null, requested.topicId(), Errors.UNKNOWN_TOPIC_ID));
        }
        String name = requested.name();
        return cluster.topic(name)
                .map((TopicRecord topic) -> TopicMetadata.of(cluster, topic))
                .orElseGet(() -> TopicMetadata.failed(name, Uuid.ZERO_UUID, whyMissing(name, created)));
    }

    private static Errors whyMissing(String name, Set<String> created) {
        if (TopicNames.problem(name).isPresent()) {
            return Errors.INVALID_TOPIC_EXCEPTION;
        }
        return created.contains(name) ? Errors.LEADER_NOT_AVAILABLE : Errors.UNKNOWN_TOPIC_OR_PARTITION;
    }

    private MetadataResponse respond(
            MetadataRequest request, short version, ClusterView cluster, List<MetadataResponseTopic> topics) {
        var data = new MetadataResponseData()
                .setClusterId(broker.settings().clusterId())
                .setControllerId(cluster.controllerId());
        for (Node node : cluster.nodes()) {
            data.brokers()
                    .add(new MetadataResponseBroker()
                            .setNodeId(node.id())
                            .setHost(node.host())
                            .setPort(node.port())
                            .setRack(node.rack()));
        }
        for (MetadataResponseTopic topic : topics) {
            if (request.data().includeTopicAuthorizedOperations()) {
                topic.setTopicAuthorizedOperations(AuthorizedOperations.TOPIC);
            }
            data.topics().add(topic);
        }
        if (request.data().includeClusterAuthorizedOperations() && version <= LAST_VERSION_WITH_CLUSTER_OPERATIONS) {
            data.setClusterAuthorizedOperations(AuthorizedOperations.CLUSTER);
        }
        return new MetadataResponse(data, version);
    }
}
