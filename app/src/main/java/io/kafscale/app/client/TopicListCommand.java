package io.kafscale.app.client;

import io.kafscale.app.cli.OutputOption;
import io.kafscale.app.cli.TextTable;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kafscale topic list}. */
@Command(
        name = "list",
        description = "List the topics.",
        footerHeading = "%nExamples:%n",
        footer = {"  kafscale topic list", "  kafscale topic list --output json"})
final class TopicListCommand implements Callable<Integer> {
    /** One line of the output. */
    record View(String topic, String id, int partitions, boolean internal) {}

    @Mixin
    private ClientOptions client;

    @Mixin
    private OutputOption output;

    @Option(names = "--internal", description = "List internal topics too.")
    private boolean internal;

    @Override
    public Integer call() {
        try (var broker = client.open()) {
            var names = broker.await(
                    "listing topics",
                    broker.admin()
                            .listTopics(new ListTopicsOptions().listInternal(internal))
                            .names());
            var topics = broker.await(
                    "describing topics", broker.admin().describeTopics(names).allTopicNames());
            var views = topics.values().stream()
                    .map(TopicListCommand::view)
                    .sorted(Comparator.comparing(View::topic))
                    .toList();
            output.print(views, (rows, out) -> table(rows).print(out));
        }
        return 0;
    }

    private static View view(TopicDescription topic) {
        return new View(
                topic.name(), topic.topicId().toString(), topic.partitions().size(), topic.isInternal());
    }

    private static TextTable table(List<View> rows) {
        var table = new TextTable("TOPIC", "PARTITIONS", "ID");
        rows.forEach(row -> table.row(row.topic(), row.partitions(), row.id()));
        return table;
    }
}
