package io.kafscale.app.client;

import io.kafscale.app.cli.UsageException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.common.config.ConfigResource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kafscale topic alter}. */
@Command(
        name = "alter",
        description = "Add partitions to a topic, set its configs or reset them to their defaults.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  kafscale topic alter orders --partitions 12",
            "  kafscale topic alter orders --config retention.ms=86400000 --delete-config segment.bytes"
        })
final class TopicAlterCommand implements Callable<Integer> {
    @Mixin
    private ClientOptions client;

    @Parameters(paramLabel = "TOPIC", description = "The topic to alter.")
    private String topic;

    @Option(names = "--partitions", paramLabel = "N", description = "New number of partitions; it can only grow.")
    private Optional<Integer> partitions = Optional.empty();

    @Option(names = "--config", paramLabel = "KEY=VALUE", description = "Set a config; may be repeated.")
    private Map<String, String> configs = new LinkedHashMap<>();

    @Option(
            names = "--delete-config",
            paramLabel = "KEY",
            description = "Reset a config to its default; may be repeated.")
    private List<String> deletedConfigs = new ArrayList<>();

    @Override
    public Integer call() {
        if (partitions.isEmpty() && configs.isEmpty() && deletedConfigs.isEmpty()) {
            throw UsageException.of(
                    client.command(), "Nothing to alter: give --partitions, --config or --delete-config.");
        }
        try (var broker = client.open()) {
            Topics.describe(broker, topic);
            partitions.ifPresent(count -> broker.await(
                    "adding partitions to " + topic,
                    broker.admin()
                            .createPartitions(Map.of(topic, NewPartitions.increaseTo(count)))
                            .all()));
            alterConfigs(broker);
        }
        var out = client.command().commandLine().getErr();
        out.println("Altered " + topic + ".");
        out.flush();
        return 0;
    }

    private void alterConfigs(BrokerSession broker) {
        Collection<AlterConfigOp> operations = new ArrayList<>();
        configs.forEach((key, value) ->
                operations.add(new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET)));
        deletedConfigs.forEach(
                key -> operations.add(new AlterConfigOp(new ConfigEntry(key, ""), AlterConfigOp.OpType.DELETE)));
        if (!operations.isEmpty()) {
            var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
            broker.await(
                    "altering " + topic,
                    broker.admin()
                            .incrementalAlterConfigs(Map.of(resource, operations))
                            .all());
        }
    }
}
