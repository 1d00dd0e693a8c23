package io.kafscale.app.client;

import io.kafscale.app.cli.OutputOption;
import io.kafscale.app.cli.UsageException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.TopicExistsException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kafscale topic create}. */
@Command(
        name = "create",
        description = "Create a topic.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  kafscale topic create orders",
            "  kafscale topic create orders --partitions 6 --config retention.ms=86400000 --if-not-exists"
        })
final class TopicCreateCommand implements Callable<Integer> {
    /** What is printed: the topic as it is now. */
    record View(String topic, String id, int partitions, boolean created) {}

    @Mixin
    private ClientOptions client;

    @Mixin
    private OutputOption output;

    @Parameters(paramLabel = "TOPIC", description = "Its name.")
    private String topic;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            description = "Number of partitions. Default: the broker's num.partitions.")
    private Optional<Integer> partitions = Optional.empty();

    @Option(
            names = "--replication-factor",
            paramLabel = "N",
            description = "Accepted for compatibility: the object store's durability is what counts.")
    private Optional<Short> replicationFactor = Optional.empty();

    @Option(names = "--config", paramLabel = "KEY=VALUE", description = "A config of the topic; may be repeated.")
    private Map<String, String> configs = new LinkedHashMap<>();

    @Option(names = "--if-not-exists", description = "Succeed if a topic of this name exists.")
    private boolean ifNotExists;

    @Override
    public Integer call() {
        if (partitions.orElse(1) < 1) {
            throw UsageException.of(client.command(), "A topic has at least 1 partition.");
        }
        try (var broker = client.open()) {
            var result = broker.admin()
                    .createTopics(List.of(new NewTopic(topic, partitions, replicationFactor).configs(configs)));
            boolean created = create(broker, result.values());
            var described = Topics.describe(broker, topic);
            var view = new View(
                    topic,
                    described.topicId().toString(),
                    described.partitions().size(),
                    created);
            output.print(
                    view,
                    (made, out) -> out.println((made.created() ? "Created " : "There is already a topic ")
                            + made.topic() + ", " + Topics.count(made.partitions(), "partition") + "."));
        }
        return 0;
    }

    private boolean create(BrokerSession broker, Map<String, KafkaFuture<Void>> creations) {
        try {
            broker.await("creating " + topic, creations, topic);
            return true;
        } catch (TopicExistsException exists) {
            if (ifNotExists) {
                return false;
            }
            throw exists;
        }
    }
}
