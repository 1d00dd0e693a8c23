package io.kafscale.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;

/** A cluster as {@code make cluster} starts it, in a directory and at ports of its own. Not thread-safe. */
final class ClusterProcesses implements AutoCloseable {
    static final String HEAP = "512m";

    private static final int BROKERS = 3;
    private static final int FIRST_PORT = 21_092;
    private static final int ETCD_PORT = 21_102;
    private static final int S3_PORT = 21_104;
    private static final Duration STOP_LIMIT = Duration.ofMinutes(2);
    private static final Duration QUIET_INTERVAL = Duration.ofSeconds(5);
    private static final double QUIET_CPU_SHARE = 0.05;

    private final Process process;
    private final List<ProcessHandle> brokers = new ArrayList<>();
    private long brokersBegunNanos;
    private long readyNanos;

    private ClusterProcesses(Process process) {
        this.process = process;
    }

    /** Starts it; ready for clients when this returns. What is in the directory is there again. */
    static ClusterProcesses start(Path directory) throws IOException {
        requireFreePorts();
        var builder = new ProcessBuilder(
                        "sh",
                        "scripts/cluster.sh",
                        directory.toString(),
                        Integer.toString(FIRST_PORT),
                        Integer.toString(ETCD_PORT),
                        Integer.toString(S3_PORT))
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("KAFSCALE_HEAP", HEAP);
        var cluster = new ClusterProcesses(builder.start());
        try {
            cluster.awaitReady();
            return cluster;
        } catch (IOException | RuntimeException failed) {
            cluster.close();
            throw failed;
        }
    }

    private static void requireFreePorts() throws IOException {
        for (int port : new int[] {FIRST_PORT, ETCD_PORT, S3_PORT}) {
            try (var socket = new ServerSocket()) {
                socket.setReuseAddress(true);
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            }
        }
    }

    private void awaitReady() throws IOException {
        var output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith("Starting the brokers")) {
                brokersBegunNanos = System.nanoTime();
            }
            if (line.startsWith("A cluster of")) {
                readyNanos = System.nanoTime();
                findBrokers();
                Thread.ofPlatform().daemon().start(() -> drain(output));
                return;
            }
        }
        throw new IOException("the cluster did not start");
    }

    /** A process whose output nobody reads would block. */
    private static void drain(BufferedReader output) {
        try {
            output.transferTo(Writer.nullWriter());
        } catch (IOException closed) {
            // That is how the output of a process ends that is ended.
        }
    }

    private void findBrokers() {
        for (int id = 1; id <= BROKERS; id++) {
            String argument = "node.id=" + id;
            brokers.add(process.descendants()
                    .filter(child -> child.info()
                            .command()
                            .filter(command -> command.endsWith("java"))
                            .isPresent())
                    .filter(child -> List.of(child.info().arguments().orElse(new String[0]))
                            .contains(argument))
                    .min(Comparator.comparingLong(ProcessHandle::pid))
                    .orElseThrow(() -> new IllegalStateException("there is no process of broker with " + argument)));
        }
    }

    /** When the stores were there and the brokers were started. */
    long brokersBegunNanos() {
        return brokersBegunNanos;
    }

    /** When all brokers had said that they are ready. */
    long readyNanos() {
        return readyNanos;
    }

    /** The processes of the brokers, those that run. */
    List<ProcessHandle> brokers() {
        return brokers.stream().filter(ProcessHandle::isAlive).toList();
    }

    /** The process of one broker. */
    ProcessHandle broker(int id) {
        return brokers.get(id - 1);
    }

    /** Where clients connect. */
    String bootstrap() {
        return String.join(
                ",",
                IntStream.range(0, BROKERS)
                        .mapToObj(i -> "127.0.0.1:" + (FIRST_PORT + i))
                        .toList());
    }

    /** A client for administration; the caller closes it. */
    Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", bootstrap()));
    }

    EtcdFigures etcdFigures() throws IOException, InterruptedException {
        return EtcdFigures.of(ETCD_PORT);
    }

    /** Waits until no broker is busy, or this long. */
    void awaitQuiet(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        double share = 1;
        while (share > QUIET_CPU_SHARE && System.nanoTime() - deadline < 0) {
            double before = cpuSeconds();
            TimeUnit.NANOSECONDS.sleep(QUIET_INTERVAL.toNanos());
            share = (cpuSeconds() - before) / QUIET_INTERVAL.toSeconds() / BROKERS;
        }
    }

    private double cpuSeconds() {
        return brokers().stream().mapToDouble(BrokerFigures::cpuSeconds).sum();
    }

    /** Ends all of it, in order. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException interrupted) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
