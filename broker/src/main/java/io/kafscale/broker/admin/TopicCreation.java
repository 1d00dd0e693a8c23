package io.kafscale.broker.admin;

import io.kafscale.broker.request.BrokerContext;
import io.kafscale.broker.request.Deadlines;
import io.kafscale.metastore.cluster.CreateTopicResult;
import io.kafscale.metastore.cluster.NewTopic;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates topics and waits until they can be used: this broker's image shows them and the log serves them. Thread-safe. */
public final class TopicCreation {
    private static final Logger LOG = LoggerFactory.getLogger(TopicCreation.class);

    private final BrokerContext broker;
    private final Deadlines deadlines;

    /** Creates topics through the broker's topic store. */
    public TopicCreation(BrokerContext broker) {
        this.broker = broker;
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
                broker.log().ready(exists.existing().id());
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
        return broker.images()
                .awaitRevision(created.revision())
                .thenCompose(image -> broker.log().ready(created.topic().id()));
    }

    private static CompletableFuture<Void> refused(NewTopic topic, String reason) {
        LOG.info("Topic '{}' is not created on demand: {}", topic.name(), reason);
        return CompletableFuture.completedFuture(null);
    }
}
