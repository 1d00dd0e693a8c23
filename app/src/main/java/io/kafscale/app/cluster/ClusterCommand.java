package io.kafscale.app.cluster;

import io.kafscale.app.cli.UsageException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code kafscale cluster}: names its subcommands. */
@Command(
        name = "cluster",
        description = "Look at the brokers of a cluster, drain them, and move partitions between them.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  kafscale cluster describe --config kafscale.yaml",
            "  kafscale cluster drain 3 --wait --config kafscale.yaml",
            "  kafscale cluster move orders:0 --to 2 --set metadata.uri=etcd://etcd-1:2379"
        },
        subcommands = {
            ClusterDescribeCommand.class,
            ClusterDrainCommand.class,
            ClusterUndrainCommand.class,
            ClusterMoveCommand.class
        })
public final class ClusterCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw UsageException.missingCommand(spec);
    }
}
