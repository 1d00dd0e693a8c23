package io.kafscale.testkit.cluster;

import io.kafscale.testkit.s3.S3ProxyServer;
import io.kafscale.testkit.s3.S3ServerMain;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * An etcd, an S3 server and brokers, as processes on the loopback address. Its data stay in a directory and are there again at the next
 * start. Not thread-safe.
 */
public final class LocalCluster implements AutoCloseable {
    private static final String BUCKET = "kafscale";
    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(40);
    private static final String HOST = "127.0.0.1";

    /**
     * What a cluster is made of. Immutable.
     *
     * @param brokers how many
     * @param firstPort of the first broker; each further one has the next
     * @param etcdPort of etcd, which uses the next one too
     * @param s3Port of the S3 server
     * @param directory for data, logs and settings
     * @param launcher the program {@code kafscale}
     */
    public record Layout(int brokers, int firstPort, int etcdPort, int s3Port, Path directory, Path launcher) {
        /** Three brokers where a client looks for one. */
        public static final Layout DEFAULT =
                new Layout(3, 9092, 2379, 9000, Path.of("data-cluster"), Path.of("kafscale"));

        /** The address of each broker, separated by commas. */
        public String bootstrap() {
            return IntStream.range(0, brokers)
                    .mapToObj(i -> HOST + ":" + (firstPort + i))
                    .collect(Collectors.joining(","));
        }

        /** The settings that all brokers share, as a file. */
        public Path settings() {
            return directory.resolve("cluster.yaml");
        }

        String metadata() {
            return "etcd://" + HOST + ":" + etcdPort;
        }

        String endpoint() {
            return "http://" + HOST + ":" + s3Port;
        }

        private Map<Integer, String> ports() {
            var ports = new TreeMap<Integer, String>();
            for (int i = 0; i < brokers; i++) {
                ports.put(firstPort + i, "broker " + (i + 1));
            }
            ports.put(etcdPort, "etcd");
            ports.put(etcdPort + 1, "etcd");
            ports.put(s3Port, "the S3 server");
            return ports;
        }
    }

    private final Layout layout;
    private final Deque<TiedProcess> stores = new ArrayDeque<>();
    private final List<TiedProcess> brokers = new ArrayList<>();

    private volatile boolean closing;

    private LocalCluster(Layout layout) {
        this.layout = layout;
    }

    /**
     * Starts everything; ready for clients when this returns.
     *
     * @throws IllegalStateException if something does not start; the message says what, and how to mend it
     */
    public static LocalCluster start(Layout layout) throws IOException, InterruptedException {
        return start(layout, _ -> {});
    }

    /** The same; tells how far it is. */
    static LocalCluster start(Layout layout, Consumer<String> progress) throws IOException, InterruptedException {
        requireEtcd();
        requireFreePorts(layout);
        var cluster = new LocalCluster(layout);
        try {
            cluster.startStores();
            progress.accept("Starting the brokers ...");
            cluster.startBrokers();
            return cluster;
        } catch (IOException | InterruptedException | RuntimeException failed) {
            cluster.close();
            throw failed;
        }
    }

    private static void requireEtcd() throws InterruptedException {
        try {
            new ProcessBuilder(etcd(), "--version")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException absent) {
            throw new IllegalStateException(
                    "A cluster keeps its metadata in etcd, and there is no etcd on the PATH. On Debian and Ubuntu"
                            + " 'make test-tools' installs it; elsewhere see https://etcd.io/docs/latest/install/.",
                    absent);
        }
    }

    private static String etcd() {
        return System.getProperty("kafscale.etcd", "etcd");
    }

    private static void requireFreePorts(Layout layout) throws IOException {
        for (var port : layout.ports().entrySet()) {
            try (var socket = new ServerSocket()) {
                socket.setReuseAddress(true);
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port.getKey()));
            } catch (BindException used) {
                throw new IllegalStateException(
                        "Port " + port.getKey() + ", for " + port.getValue() + ", is in use. Stop what listens there.",
                        used);
            }
        }
    }

    private void startStores() throws IOException, InterruptedException {
        Path directory = layout.directory();
        Files.createDirectories(directory.resolve("s3").resolve(BUCKET));
        String client = "http://" + HOST + ":" + layout.etcdPort();
        String peer = "http://" + HOST + ":" + (layout.etcdPort() + 1);
        var etcd = TiedProcess.start(
                "etcd",
                List.of(
                        etcd(),
                        "--name=local",
                        "--data-dir=" + directory.resolve("etcd"),
                        "--listen-client-urls=" + client,
                        "--advertise-client-urls=" + client,
                        "--listen-peer-urls=" + peer,
                        "--initial-advertise-peer-urls=" + peer,
                        "--initial-cluster=local=" + peer,
                        "--logger=zap"),
                Map.of(),
                directory.resolve("etcd.log"),
                "serving client traffic");
        stores.push(etcd);
        var s3 = TiedProcess.start(
                "s3",
                List.of(
                        java(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        S3ServerMain.class.getName(),
                        directory.resolve("s3").toAbsolutePath().toString(), // it lists nothing below a relative one
                        Integer.toString(layout.s3Port()),
                        "forever"),
                Map.of(),
                directory.resolve("s3.log"),
                "ready ");
        stores.push(s3);
        etcd.awaitReady(START_LIMIT);
        s3.awaitReady(START_LIMIT);
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private void startBrokers() throws IOException, InterruptedException {
        Files.writeString(layout.settings(), """
                # The settings that the brokers of `make cluster` share.
                storage.uri: s3://%s/cluster
                storage.s3.endpoint: %s
                storage.s3.region: us-east-1
                storage.s3.path-style: true
                metadata.uri: %s
                wal.flush.rate: 20
                """.formatted(BUCKET, layout.endpoint(), layout.metadata()));
        for (int id = 1; id <= layout.brokers(); id++) {
            brokers.add(startBroker(id));
        }
        for (TiedProcess broker : brokers) {
            broker.awaitReady(START_LIMIT);
        }
    }

    private TiedProcess startBroker(int id) throws IOException {
        return TiedProcess.start(
                "broker " + id,
                brokerCommand(id),
                environment(),
                layout.directory().resolve("broker-" + id + ".log"),
                "is ready.");
    }

    /** How a broker of this cluster is started. */
    public List<String> brokerCommand(int id) {
        return List.of(
                layout.launcher().toAbsolutePath().toString(),
                "broker",
                "--config",
                layout.settings().toString(),
                "--set",
                "node.id=" + id,
                "--set",
                "listen=" + HOST + ":" + (layout.firstPort() + id - 1));
    }

    /** What such a broker needs in its environment. */
    public static Map<String, String> environment() {
        return Map.of(
                "AWS_ACCESS_KEY_ID", S3ProxyServer.ACCESS_KEY,
                "AWS_SECRET_ACCESS_KEY", S3ProxyServer.SECRET_KEY,
                "KAFSCALE_BUILD", "never");
    }

    /** Completes when all brokers have ended, or a store has. */
    CompletableFuture<Void> ended() {
        var all =
                CompletableFuture.allOf(brokers.stream().map(TiedProcess::ended).toArray(CompletableFuture<?>[]::new));
        var any = new ArrayList<CompletableFuture<?>>();
        any.add(all);
        stores.forEach(store -> any.add(store.ended()));
        return CompletableFuture.anyOf(any.toArray(CompletableFuture<?>[]::new)).thenAccept(_ -> {});
    }

    /** Everything that runs for this cluster, to be told by id. */
    public List<ProcessHandle> programs() {
        return Stream.concat(stores.stream(), brokers.stream())
                .map(TiedProcess::program)
                .toList();
    }

    /** The process of a broker that runs. */
    public ProcessHandle broker(int id) {
        return brokers.get(id - 1).program();
    }

    /** Completes with the exit code of a broker when its process has ended. */
    public CompletableFuture<Integer> brokerEnded(int id) {
        return brokers.get(id - 1).ended();
    }

    /** What a broker has said. */
    public Path brokerLog(int id) {
        return brokers.get(id - 1).log();
    }

    boolean isClosing() {
        return closing;
    }

    /** The processes of the brokers, in the order of their ids from 1. */
    List<TiedProcess> brokers() {
        return List.copyOf(brokers);
    }

    /** Stops the brokers, and then what they need. Data stay. */
    @Override
    public void close() {
        closing = true;
        brokers.forEach(TiedProcess::askToStop);
        for (TiedProcess broker : brokers) {
            broker.awaitEnd(STOP_LIMIT);
        }
        while (!stores.isEmpty()) {
            TiedProcess store = stores.pop();
            store.askToStop();
            store.awaitEnd(STOP_LIMIT);
        }
    }
}
