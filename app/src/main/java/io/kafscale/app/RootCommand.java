package io.kafscale.app;

import io.kafscale.app.cli.CompletionCommand;
import io.kafscale.app.cli.ConfigCommand;
import io.kafscale.app.cli.UsageException;
import io.kafscale.app.cli.VersionCommand;
import io.kafscale.app.client.ConsumeCommand;
import io.kafscale.app.client.GroupCommand;
import io.kafscale.app.client.ProduceCommand;
import io.kafscale.app.client.TopicCommand;
import io.kafscale.app.cluster.ClusterCommand;
import io.kafscale.app.inspect.SegmentCommand;
import io.kafscale.app.inspect.WalCommand;
import io.kafscale.app.maintenance.FsckCommand;
import io.kafscale.app.maintenance.RecoverCommand;
import io.kafscale.app.node.BrokerCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code kafscale}: names the commands there are. */
@Command(
        name = "kafscale",
        description = "A Kafka-protocol streaming platform that keeps its records in object storage.",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = VersionCommand.Provider.class,
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:failed", "2:wrong usage"},
        footerHeading = "%nExamples:%n",
        footer = {
            "  kafscale broker",
            "  echo hello | kafscale produce orders",
            "  kafscale consume orders --from-beginning --max-messages 1",
            "  kafscale COMMAND --help"
        },
        subcommands = {
            BrokerCommand.class,
            TopicCommand.class,
            ProduceCommand.class,
            ConsumeCommand.class,
            GroupCommand.class,
            ClusterCommand.class,
            SegmentCommand.class,
            WalCommand.class,
            FsckCommand.class,
            RecoverCommand.class,
            ConfigCommand.class,
            VersionCommand.class,
            CompletionCommand.class
        })
final class RootCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            description = "Log what happens to standard error, and show stack traces of errors.")
    private boolean verbose;

    @Override
    public void run() {
        throw UsageException.missingCommand(spec);
    }

    boolean verbose() {
        return verbose;
    }
}
