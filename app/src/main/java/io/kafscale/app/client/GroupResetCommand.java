package io.kafscale.app.client;

import io.kafscale.app.cli.CommandException;
import io.kafscale.app.cli.OutputOption;
import io.kafscale.app.cli.TextTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownMemberIdException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kafscale group reset}. */
@Command(
        name = "reset",
        description = "Move the committed offsets of a group that has no members now.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  kafscale group reset billing --to-earliest --dry-run",
            "  kafscale group reset billing --topic orders --to-time 2026-11-21T10:00:00Z",
            "  kafscale group reset billing --topic orders:0,2 --shift-by -100"
        })
final class GroupResetCommand implements Callable<Integer> {
    /** One partition's move; {@code before} is null where nothing was committed. */
    record View(String topic, int partition, @Nullable Long before, long after) {}

    /** Where to move to; one of them. */
    static final class Target {
        @Option(names = "--to-earliest", description = "To the oldest record.")
        private boolean earliest;

        @Option(names = "--to-latest", description = "Behind the newest record.")
        private boolean latest;

        @Option(names = "--to-offset", paramLabel = "N", description = "To this offset, within what there is.")
        private Optional<Long> offset = Optional.empty();

        @Option(
                names = "--to-time",
                paramLabel = "TIME",
                converter = PointInTime.Converter.class,
                description =
                        "To the first record of this time or later: 2026-11-21T10:00:00Z, milliseconds since the epoch,"
                                + " or how long ago, as in 1h.")
        private Optional<PointInTime> time = Optional.empty();

        @Option(names = "--shift-by", paramLabel = "N", description = "By so many records, back if negative.")
        private Optional<Long> shift = Optional.empty();

        private OffsetMove move() {
            if (earliest || latest) {
                return earliest ? new OffsetMove.ToEarliest() : new OffsetMove.ToLatest();
            }
            if (offset.isPresent()) {
                return new OffsetMove.ToOffset(offset.get());
            }
            if (shift.isPresent()) {
                return new OffsetMove.By(shift.get());
            }
            return new OffsetMove.ToTime(time.orElseThrow().epochMs());
        }
    }

    @Mixin
    private ClientOptions client;

    @Mixin
    private OutputOption output;

    @Parameters(paramLabel = "GROUP", description = "The group.")
    private String group;

    @ArgGroup(exclusive = true, multiplicity = "1")
    private Target target;

    @Option(
            names = "--topic",
            paramLabel = "TOPIC[:N,N]",
            description =
                    "A topic, or some of its partitions; may be repeated. Default: all that the group has committed.")
    private List<String> topics = new ArrayList<>();

    @Option(names = "--dry-run", description = "Print what would be done, and do nothing.")
    private boolean dryRun;

    @Override
    public Integer call() {
        try (var broker = client.open()) {
            var committed = Groups.committed(broker, group);
            var partitions = partitions(broker, committed);
            var after = target.move().plan(broker, partitions, committed);
            if (!dryRun) {
                commit(broker, after);
            }
            var views = new ArrayList<View>();
            after.forEach((partition, offset) -> {
                var before = committed.get(partition);
                views.add(new View(
                        partition.topic(), partition.partition(), before == null ? null : before.offset(), offset));
            });
            output.print(views, (rows, out) -> table(rows).print(out));
            if (dryRun) {
                client.command().commandLine().getErr().println("Nothing was changed (--dry-run).");
                client.command().commandLine().getErr().flush();
            }
        }
        return 0;
    }

    private List<TopicPartition> partitions(BrokerSession broker, Map<TopicPartition, OffsetAndMetadata> committed) {
        var partitions = new ArrayList<TopicPartition>();
        for (String named : topics) {
            var wanted = TopicPartitions.parse(named);
            partitions.addAll(wanted.among(Topics.partitions(broker, wanted.topic())));
        }
        if (topics.isEmpty()) {
            partitions.addAll(committed.keySet());
        }
        if (partitions.isEmpty()) {
            throw new CommandException("The group '" + group + "' has no committed offsets"
                    + (topics.isEmpty()
                            ? "; name a topic with --topic."
                            : " of those partitions, which do not exist."));
        }
        partitions.sort(TopicPartitions.ORDER);
        return partitions;
    }

    private void commit(BrokerSession broker, Map<TopicPartition, Long> offsets) {
        var commits = new HashMap<TopicPartition, OffsetAndMetadata>();
        offsets.forEach((partition, offset) -> commits.put(partition, new OffsetAndMetadata(offset)));
        try {
            broker.await(
                    "moving offsets of " + group,
                    broker.admin().alterConsumerGroupOffsets(group, commits).all());
        } catch (UnknownMemberIdException active) {
            throw new CommandException(
                    "The group '" + group + "' has members now, which would overwrite its offsets. Stop them first;"
                            + " 'kafscale group describe " + group + "' shows them.",
                    active);
        }
    }

    private static TextTable table(List<View> rows) {
        var table = new TextTable("TOPIC", "PARTITION", "BEFORE", "AFTER");
        rows.forEach(
                row -> table.row(row.topic(), row.partition(), row.before() == null ? "-" : row.before(), row.after()));
        return table;
    }
}
