package io.kafscale.app.cluster;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kafscale cluster move}. */
@Command(
        name = "move",
        description = {
            "Have a broker lead partitions. No data is moved, and clients notice nothing but a short wait.",
            "The partitions stay there whenever that broker serves, until --unpin leaves them to the plan again."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  kafscale cluster move orders:0 --to 2 --wait --config kafscale.yaml",
            "  kafscale cluster move orders:0 orders:1 --unpin --set metadata.uri=etcd://127.0.0.1:2379"
        })
final class ClusterMoveCommand implements Callable<Integer> {
    /** One of the two. */
    static final class Where {
        @Option(names = "--to", paramLabel = "BROKER", description = "Id of the broker that is to lead them.")
        private int broker = -1;

        @Option(names = "--unpin", description = "Leave them to the plan.")
        private boolean unpin;
    }

    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterSettings cluster;

    @Parameters(paramLabel = "TOPIC:PARTITION", arity = "1..*", description = "Partitions; orders-0 is orders:0, too.")
    private List<String> partitions;

    @ArgGroup(multiplicity = "1")
    private Where where;

    @Option(names = "--wait", description = "Return when they are led by whom the plan then says.")
    private boolean wait;

    @Override
    public Integer call() {
        try (var session = cluster.open()) {
            session.cluster();
            var named = partitions.stream()
                    .map(text -> PartitionName.find(session.image(), text))
                    .toList();
            var move = new PartitionMove(session);
            if (where.unpin) {
                move.unpin(named, wait);
            } else {
                move.move(named, where.broker, wait);
            }
        }
        var out = spec.commandLine().getOut();
        out.println(String.join(", ", partitions) + ": " + done());
        out.flush();
        return 0;
    }

    private String done() {
        if (where.unpin) {
            return "left to the plan.";
        }
        return (wait ? "led by broker " : "on the way to broker ") + where.broker + ".";
    }
}
