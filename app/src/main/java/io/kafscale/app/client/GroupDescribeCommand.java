package io.kafscale.app.client;

import io.kafscale.app.cli.OutputOption;
import io.kafscale.app.cli.TextTable;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code kafscale group describe}. */
@Command(
        name = "describe",
        description = "Show members, committed offsets and lag of groups.",
        footerHeading = "%nExamples:%n",
        footer = {"  kafscale group describe billing", "  kafscale group describe billing audit --output json"})
final class GroupDescribeCommand implements Callable<Integer> {
    /** A group. */
    record View(String group, String type, String state, List<MemberView> members, List<OffsetView> offsets) {}

    /** A member and what it consumes. */
    record MemberView(String member, String client, String host, List<String> partitions) {}

    /**
     * A partition that the group consumes or has an offset of.
     *
     * @param committed the committed offset; null if there is none
     * @param end offset behind the newest record
     * @param lag records between the two; null if none is committed
     * @param member who consumes it; null if nobody does
     */
    record OffsetView(
            String topic,
            int partition,
            @Nullable Long committed,
            long end,
            @Nullable Long lag,
            @Nullable String member) {}

    @Mixin
    private ClientOptions client;

    @Mixin
    private OutputOption output;

    @Parameters(paramLabel = "GROUP", arity = "1..*", description = "Groups to describe.")
    private List<String> groups;

    @Override
    public Integer call() {
        try (var broker = client.open()) {
            var views = groups.stream().map(group -> view(broker, group)).toList();
            output.print(views, (all, out) -> all.forEach(view -> print(view, out)));
        }
        return 0;
    }

    private static View view(BrokerSession broker, String group) {
        var description = Groups.describe(broker, group);
        var committed = Groups.committed(broker, group);
        var members = new ArrayList<MemberView>();
        var consumers = new HashMap<TopicPartition, String>();
        for (MemberDescription member : description.members()) {
            var partitions = new TreeSet<>(TopicPartitions.ORDER);
            partitions.addAll(member.assignment().topicPartitions());
            partitions.forEach(partition -> consumers.put(partition, member.consumerId()));
            members.add(new MemberView(
                    member.consumerId(),
                    member.clientId(),
                    member.host(),
                    partitions.stream().map(TopicPartition::toString).toList()));
        }
        return new View(
                group,
                description.type().toString(),
                description.groupState().toString(),
                members,
                offsets(broker, committed, consumers));
    }

    private static List<OffsetView> offsets(
            BrokerSession broker,
            Map<TopicPartition, OffsetAndMetadata> committed,
            Map<TopicPartition, String> consumers) {
        var latest = new HashMap<TopicPartition, OffsetSpec>();
        committed.keySet().forEach(partition -> latest.put(partition, OffsetSpec.latest()));
        consumers.keySet().forEach(partition -> latest.put(partition, OffsetSpec.latest()));
        var views = new ArrayList<OffsetView>();
        Topics.offsets(broker, latest).forEach((partition, end) -> {
            var offset = committed.get(partition);
            views.add(new OffsetView(
                    partition.topic(),
                    partition.partition(),
                    offset == null ? null : offset.offset(),
                    end,
                    offset == null ? null : Math.max(0, end - offset.offset()),
                    consumers.get(partition)));
        });
        return views;
    }

    private static void print(View view, PrintWriter out) {
        out.println("Group " + view.group() + ", " + view.type() + ", " + view.state() + ", "
                + Topics.count(view.members().size(), "member"));
        var members = new TextTable("  MEMBER", "CLIENT", "HOST", "PARTITIONS");
        view.members()
                .forEach(member -> members.row(
                        "  " + member.member(), member.client(), member.host(), String.join(" ", member.partitions())));
        if (!view.members().isEmpty()) {
            members.print(out);
        }
        var offsets = new TextTable("  TOPIC", "PARTITION", "COMMITTED", "END", "LAG", "MEMBER");
        view.offsets()
                .forEach(row -> offsets.row(
                        "  " + row.topic(),
                        row.partition(),
                        orDash(row.committed()),
                        row.end(),
                        orDash(row.lag()),
                        orDash(row.member())));
        offsets.print(out);
    }

    private static Object orDash(@Nullable Object value) {
        return value == null ? "-" : value;
    }
}
