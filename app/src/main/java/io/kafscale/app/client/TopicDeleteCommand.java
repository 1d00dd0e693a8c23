package io.kafscale.app.client;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kafscale topic delete}. */
@Command(
        name = "delete",
        description = "Delete topics with all their records.",
        footerHeading = "%nExamples:%n",
        footer = {"  kafscale topic delete orders", "  kafscale topic delete orders payments --if-exists"})
final class TopicDeleteCommand implements Callable<Integer> {
    @Mixin
    private ClientOptions client;

    @Parameters(paramLabel = "TOPIC", arity = "1..*", description = "Topics to delete.")
    private List<String> topics;

    @Option(names = "--if-exists", description = "Succeed if there is no such topic.")
    private boolean ifExists;

    @Override
    public Integer call() {
        var said = client.command().commandLine().getErr();
        try (var broker = client.open()) {
            var deletions = broker.admin().deleteTopics(topics).topicNameValues();
            for (String topic : topics) {
                boolean deleted = delete(broker, topic, deletions);
                said.println(deleted ? "Deleted " + topic + "." : "There is no topic " + topic + ".");
                said.flush();
            }
        }
        return 0;
    }

    private boolean delete(BrokerSession broker, String topic, Map<String, KafkaFuture<Void>> deletions) {
        try {
            broker.await("deleting " + topic, deletions, topic);
            return true;
        } catch (UnknownTopicOrPartitionException missing) {
            if (ifExists) {
                return false;
            }
            throw Topics.unknown(topic, missing);
        }
    }
}
