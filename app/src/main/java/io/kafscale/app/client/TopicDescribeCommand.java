package io.kafscale.app.client;

import io.kafscale.app.cli.OutputOption;
import io.kafscale.app.cli.TextTable;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.ConfigResource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code kafscale topic describe}. */
@Command(
        name = "describe",
        description = "Show partitions, leaders, offsets and configs of topics.",
        footerHeading = "%nExamples:%n",
        footer = {"  kafscale topic describe orders", "  kafscale topic describe orders payments --output json"})
final class TopicDescribeCommand implements Callable<Integer> {
    /** A topic; configs are those that differ from the defaults. */
    record View(
            String topic, String id, boolean internal, Map<String, String> configs, List<PartitionView> partitions) {}

    /**
     * A partition.
     *
     * @param leader id of the broker that leads it; -1 for none
     * @param start offset of the oldest record
     * @param end offset behind the newest record
     */
    record PartitionView(int partition, int leader, long start, long end) {}

    @Mixin
    private ClientOptions client;

    @Mixin
    private OutputOption output;

    @Parameters(paramLabel = "TOPIC", arity = "1..*", description = "Topics to describe.")
    private List<String> topics;

    @Override
    public Integer call() {
        try (var broker = client.open()) {
            var views = new ArrayList<View>();
            for (String topic : topics) {
                views.add(view(broker, Topics.describe(broker, topic)));
            }
            output.print(views, (all, out) -> all.forEach(view -> print(view, out)));
        }
        return 0;
    }

    private static View view(BrokerSession broker, TopicDescription topic) {
        var earliest = offsets(broker, topic, OffsetSpec.earliest());
        var latest = offsets(broker, topic, OffsetSpec.latest());
        var partitions = new ArrayList<PartitionView>();
        for (TopicPartitionInfo info : topic.partitions()) {
            var partition = new TopicPartition(topic.name(), info.partition());
            int leader = info.leader() == null ? -1 : info.leader().id();
            partitions.add(new PartitionView(
                    info.partition(),
                    leader,
                    earliest.getOrDefault(partition, -1L),
                    latest.getOrDefault(partition, -1L)));
        }
        return new View(
                topic.name(), topic.topicId().toString(), topic.isInternal(), configs(broker, topic), partitions);
    }

    private static Map<TopicPartition, Long> offsets(BrokerSession broker, TopicDescription topic, OffsetSpec spec) {
        var specs = new HashMap<TopicPartition, OffsetSpec>();
        topic.partitions().forEach(info -> specs.put(new TopicPartition(topic.name(), info.partition()), spec));
        return Topics.offsets(broker, specs);
    }

    private static Map<String, String> configs(BrokerSession broker, TopicDescription topic) {
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic.name());
        var answer = broker.await(
                "reading configs",
                broker.admin().describeConfigs(List.of(resource)).all());
        var configs = new TreeMap<String, String>();
        for (var config : answer.values()) {
            for (ConfigEntry entry : config.entries()) {
                if (entry.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG) {
                    configs.put(entry.name(), entry.value());
                }
            }
        }
        return configs;
    }

    private static void print(View view, PrintWriter out) {
        out.println("Topic " + view.topic() + ", id " + view.id() + ", "
                + Topics.count(view.partitions().size(), "partition"));
        view.configs().forEach((name, value) -> out.println("  " + name + "=" + value));
        var table = new TextTable("  PARTITION", "LEADER", "START", "END");
        view.partitions()
                .forEach(
                        p -> table.row("  " + p.partition(), p.leader() < 0 ? "none" : p.leader(), p.start(), p.end()));
        table.print(out);
    }
}
