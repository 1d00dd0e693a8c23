package io.kafscale.app.cluster;

import io.kafscale.app.cli.OutputOption;
import io.kafscale.app.cli.TextTable;
import io.kafscale.metastore.cluster.ClusterRecord;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code kafscale cluster describe}. */
@Command(
        name = "describe",
        description = {
            "Show the brokers of a cluster, what each leads and should lead, and the state of the WAL streams.",
            "Reads the metadata store, with the settings of the brokers."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  kafscale cluster describe --config kafscale.yaml",
            "  kafscale cluster describe --set metadata.uri=etcd://127.0.0.1:2379 --output json"
        })
final class ClusterDescribeCommand implements Callable<Integer> {
    private static final int MOST_LINES = 20;

    @Mixin
    private ClusterSettings cluster;

    @Mixin
    private OutputOption output;

    @Override
    public Integer call() {
        try (var session = cluster.open()) {
            ClusterRecord record = session.cluster();
            output.print(ClusterView.of(record.clusterId(), session.image()), ClusterDescribeCommand::print);
        }
        return 0;
    }

    static void print(ClusterView cluster, PrintWriter out) {
        out.println("Cluster " + cluster.clusterId() + ": "
                + count(cluster.brokers().size(), "broker") + ", " + count(cluster.topics(), "topic") + " with "
                + count(cluster.partitions(), "partition"));
        printBrokers(cluster, out);
        out.println("WAL streams: " + (cluster.streams().isEmpty() ? "none" : states(cluster.streams())));
        if (cluster.misplaced().isEmpty()) {
            out.println("Every partition is led by the broker that the plan says.");
        } else {
            printMisplaced(cluster, out);
        }
        if (!cluster.pins().isEmpty()) {
            out.println("Pinned partitions:");
            var table = new TextTable("  PARTITION", "TO BROKER");
            cluster.pins().forEach(pin -> table.row("  " + pin.topic() + ":" + pin.partition(), pin.broker()));
            table.print(out);
        }
    }

    private static void printBrokers(ClusterView cluster, PrintWriter out) {
        var table = new TextTable(
                "  BROKER",
                "INCARNATION",
                "ADDRESS",
                "RACK",
                "STATE",
                "VERSION",
                "STARTED",
                "LEADS",
                "PLANNED",
                "SHARDS");
        for (ClusterView.Broker broker : cluster.brokers()) {
            String suspected = broker.suspectedBy().isEmpty() ? "" : ", refuses connections";
            table.row(
                    "  " + broker.id(),
                    broker.incarnation(),
                    broker.address(),
                    broker.rack() == null ? "-" : broker.rack(),
                    broker.state() + suspected,
                    broker.version(),
                    broker.started(),
                    broker.leads(),
                    broker.planned(),
                    broker.shards());
        }
        table.print(out);
    }

    private static void printMisplaced(ClusterView cluster, PrintWriter out) {
        out.println(count(cluster.misplaced().size(), "partition") + " on the way to another broker:");
        var table = new TextTable("  PARTITION", "LEADER", "PLANNED");
        cluster.misplaced().stream()
                .limit(MOST_LINES)
                .forEach(partition -> table.row(
                        "  " + partition.topic() + ":" + partition.partition(),
                        partition.leader() == null ? "none" : partition.leader(),
                        partition.planned() == null ? "none" : partition.planned()));
        table.print(out);
        int more = cluster.misplaced().size() - MOST_LINES;
        if (more > 0) {
            out.println("  and " + more + " more; --output json lists all");
        }
    }

    private static String states(Map<String, Integer> streams) {
        return streams.entrySet().stream()
                .map(state -> state.getValue() + " " + state.getKey())
                .collect(Collectors.joining(", "));
    }

    private static String count(long number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }
}
