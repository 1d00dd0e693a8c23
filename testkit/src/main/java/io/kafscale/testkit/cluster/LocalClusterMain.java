package io.kafscale.testkit.cluster;

import io.kafscale.testkit.cluster.LocalCluster.Layout;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;

/** The main program of {@code make cluster}: a cluster until Ctrl-C. */
final class LocalClusterMain {
    private LocalClusterMain() {}

    /** Entry point; no arguments, or the directory and the first ports of the brokers, of etcd and of the S3 server. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Layout layout = layout(arguments);
        try {
            System.out.println("Starting etcd, an S3 server and " + layout.brokers() + " brokers ...");
            LocalCluster cluster = LocalCluster.start(layout, System.out::println);
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> stop(cluster)));
            announce(layout, System.out);
            cluster.brokers().forEach(broker -> broker.ended().thenAccept(code -> tell(cluster, broker, code)));
            cluster.ended().join();
        } catch (IllegalStateException refused) {
            System.err.println("error: " + refused.getMessage());
        }
        System.exit(1);
    }

    private static Layout layout(String[] arguments) {
        Layout usual = Layout.DEFAULT;
        return arguments.length < 4
                ? usual
                : new Layout(
                        usual.brokers(),
                        Integer.parseInt(arguments[1]),
                        Integer.parseInt(arguments[2]),
                        Integer.parseInt(arguments[3]),
                        Path.of(arguments[0]),
                        usual.launcher());
    }

    private static void stop(LocalCluster cluster) {
        System.out.println("Stopping ...");
        cluster.close();
    }

    private static void announce(Layout layout, PrintStream out) {
        out.println("A cluster of " + layout.brokers() + " brokers is ready.");
        out.println("  brokers    " + layout.bootstrap());
        out.println("  metadata   " + layout.metadata());
        out.println("  objects    " + layout.endpoint() + ", see " + layout.settings());
        out.println("  data, logs " + layout.directory().toAbsolutePath());
        out.println("Look at it with  ./kafscale cluster describe --config " + layout.settings());
        out.println("Ctrl-C stops it.");
    }

    /** Killing a broker is what one tries first. */
    private static void tell(LocalCluster cluster, TiedProcess broker, int code) {
        if (!cluster.isClosing()) {
            int id = cluster.brokers().indexOf(broker) + 1;
            System.out.println("The process of " + broker.name() + " has ended (" + code + "), see " + broker.log()
                    + ". Start it again with");
            LocalCluster.environment().forEach((name, value) -> System.out.print("  " + name + "=" + value + " \\\n"));
            System.out.println("  " + String.join(" ", cluster.brokerCommand(id)));
        }
    }
}
