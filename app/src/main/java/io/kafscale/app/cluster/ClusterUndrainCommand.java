package io.kafscale.app.cluster;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kafscale cluster undrain}. */
@Command(
        name = "undrain",
        description = "Let a broker that was drained lead again: it is handed its share.",
        footerHeading = "%nExamples:%n",
        footer = "  kafscale cluster undrain 3 --config kafscale.yaml")
final class ClusterUndrainCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterSettings cluster;

    @Parameters(paramLabel = "BROKER", description = "Id of the broker.")
    private int broker;

    @Override
    public Integer call() {
        try (var session = cluster.open()) {
            session.cluster();
            new BrokerDrain(session).undrain(broker);
        }
        spec.commandLine().getOut().println("Broker " + broker + " may lead again.");
        spec.commandLine().getOut().flush();
        return 0;
    }
}
