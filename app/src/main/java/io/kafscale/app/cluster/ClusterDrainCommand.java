package io.kafscale.app.cluster;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kafscale cluster drain}. */
@Command(
        name = "drain",
        description = {
            "Have a broker hand over everything it leads, and give it nothing more.",
            "Its next start ends that, and so does 'kafscale cluster undrain'. A broker that is stopped by SIGTERM drains itself."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  kafscale cluster drain 3 --config kafscale.yaml",
            "  kafscale cluster drain 3 --wait --set metadata.uri=etcd://127.0.0.1:2379"
        })
final class ClusterDrainCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterSettings cluster;

    @Parameters(paramLabel = "BROKER", description = "Id of the broker.")
    private int broker;

    @Option(names = "--wait", description = "Return when the broker leads nothing any more.")
    private boolean wait;

    @Override
    public Integer call() {
        try (var session = cluster.open()) {
            session.cluster();
            new BrokerDrain(session).drain(broker, wait);
        }
        var out = spec.commandLine().getOut();
        out.println(
                wait ? "Broker " + broker + " leads nothing." : "Broker " + broker + " is handing over what it leads.");
        out.flush();
        return 0;
    }
}
