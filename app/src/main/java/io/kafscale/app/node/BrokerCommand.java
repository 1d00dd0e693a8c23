package io.kafscale.app.node;

import io.kafscale.app.cli.CommandException;
import io.kafscale.app.cli.Logging;
import io.kafscale.app.cli.Progress;
import io.kafscale.app.cli.SettingsOptions;
import io.kafscale.app.cli.TerminationSignals;
import io.kafscale.app.cli.VersionCommand;
import io.kafscale.app.settings.HeapBudgets;
import io.kafscale.app.settings.KafscaleSettings;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code kafscale broker}: runs a broker until it is told to stop. */
@Command(
        name = "broker",
        description = "Run a broker. Without any settings it listens on 127.0.0.1:9092 and stores into ./data.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  kafscale broker",
            "  kafscale broker --config kafscale.yaml",
            "  kafscale broker --set listen=0.0.0.0:9092 --set advertised=broker-1.example:9092",
            "  kafscale broker --set storage.uri=s3://bucket/prefix --set storage.s3.region=eu-central-1 \\",
            "      --set metadata.uri=file:./data-s3/metadata"
        })
public final class BrokerCommand implements Callable<Integer>, Logging.Logs {
    private final NodeStarter starter;

    @Spec
    private CommandSpec spec;

    @Mixin
    private SettingsOptions settings;

    /** A command that starts brokers with {@code starter}. */
    public BrokerCommand(NodeStarter starter) {
        this.starter = starter;
    }

    @Override
    public Integer call() {
        var effective = settings.read();
        var typed = effective.typed();
        HeapBudgets.check(effective, HeapBudgets.heapBytes());
        var err = spec.commandLine().getErr();
        try (var node = start(typed);
                var stop = new GracefulStop(node, typed.node().shutdownTimeout(), err, BrokerCommand::endAtOnce);
                var _ = TerminationSignals.handle(stop::request)) {
            announce(node, spec.commandLine().getOut());
            awaitEnd(node);
        }
        return 0;
    }

    private static void endAtOnce() {
        Runtime.getRuntime().halt(1);
    }

    private RunningNode start(KafscaleSettings typed) {
        try (var _ = Progress.besideLog(spec.commandLine().getErr(), "starting")) {
            return starter.start(typed);
        }
    }

    private static void announce(RunningNode node, PrintWriter out) {
        out.println("Kafscale " + VersionCommand.version() + " is ready.");
        Standing standing = node.standing();
        out.println("  broker         " + standing.brokerId() + ", incarnation " + standing.incarnation());
        out.println("  of cluster     " + standing.clusterId() + ": " + members(standing));
        out.println("  listens on     " + node.listening());
        out.println("  stores records " + node.storage());
        out.println("  and metadata   " + node.metadata());
        out.println("Ctrl-C stops it.");
        out.flush();
    }

    private static String members(Standing standing) {
        return standing.members().size() == 1
                ? "this broker alone"
                : "brokers " + String.join(", ", standing.members());
    }

    private static void awaitEnd(RunningNode node) {
        try {
            node.stopped().get();
        } catch (ExecutionException failed) {
            throw new CommandException("The broker stopped: " + failed.getCause(), failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
