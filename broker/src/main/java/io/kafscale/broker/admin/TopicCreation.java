package io.kafscale.broker.admin;

import io.kafscale.broker.request.BrokerContext;
import io.kafscale.broker.request.Deadlines;
import io.kafscale.metastore.cluster.CreateTopicResult;
import io.kafscale.metastore.cluster.NewTopic;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates topics and waits until they can be used: this broker's image shows that brokers lead them, and what this broker leads of them
 * is served. Thread-safe.
 */
public final class TopicCreation {
    private static final Logger LOG = LoggerFactory.getLogger(TopicCreation.class);

    private final BrokerContext broker;
    private final Deadlines deadlines;

    private final LedTopics led;

    /** Creates topics through the broker's topic store. */
    public TopicCreation(BrokerContext broker) {
        this.broker = broker;
        this.led = LedTopics.of(broker.images());
        this.deadlines = new Deadlines(broker.loop());
    }

    /**
     * Creates a topic.
     *
     * @param limit how long this may take; beyond, the future fails with Kafka's TimeoutException although the topic may come to be
     */
    CompletableFuture<CreateTopicResult> create(NewTopic topic, Duration limit) {
        return deadlines.within(
                limit,
                broker.topics()
                        .create(topic)
                        .thenCompose(result -> result instanceof CreateTopicResult.Created created
                                ? served(created).thenApply(served -> result)
                                : CompletableFuture.completedFuture(result)),
                "creating topic " + topic.name());
    }

    /** Makes sure that a topic of this name exists and can be used, whoever creates it; limits as for {@link #create}. */
    public CompletableFuture<Void> ready(NewTopic topic, Duration limit) {
        CompletableFuture<Void> ready = broker.topics().create(topic).thenCompose(result -> switch (result) {
            case CreateTopicResult.Created created -> served(created);
            case CreateTopicResult.AlreadyExists exists ->
                // Somebody else has just created it, so this broker's image may not have it yet.
                led(exists.revision(), exists.existing().id());
            case CreateTopicResult.InvalidTopic refused -> refused(topic, refused.reason());
            case CreateTopicResult.InvalidPartitions refused -> refused(topic, refused.reason());
            case CreateTopicResult.InvalidConfigs refused -> refused(topic, refused.reason());
        });
        return deadlines.within(limit, ready, "creating topic " + topic.name());
    }

    private CompletableFuture<Void> served(CreateTopicResult.Created created) {
        TopicConfigs.warnings(created.topic().configs())
                .forEach(warning ->
                        LOG.warn("Topic '{}' was created: {}", created.topic().name(), warning));
        return led(created.revision(), created.topic().id());
    }

    /** Completes when the topic, as it was at {@code revision} or is later, can be used, or is gone. */
    CompletableFuture<Void> led(long revision, UUID topicId) {
        return broker.images()
                .awaitRevision(revision)
                .thenCompose(image -> led.led(topicId))
                .thenCompose(done -> broker.log().ready(topicId));
    }

    private static CompletableFuture<Void> refused(NewTopic topic, String reason) {
        LOG.info("Topic '{}' is not created on demand: {}", topic.name(), reason);
        return CompletableFuture.completedFuture(null);
    }
}
