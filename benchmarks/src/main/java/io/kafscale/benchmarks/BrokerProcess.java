package io.kafscale.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;

/** A broker in a process of its own, and what it spends. Closing it ends the process. Not thread-safe. */
final class BrokerProcess implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(90);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(40);
    private static final Duration QUIET_LIMIT = Duration.ofSeconds(10);
    private static final Duration QUIET_INTERVAL = Duration.ofMillis(500);
    private static final double QUIET_CPU_SHARE = 0.05;

    private final String product;
    private final Process process;
    private final String bootstrap;

    private BrokerProcess(String product, Process process, String bootstrap) {
        this.product = product;
        this.process = process;
        this.bootstrap = bootstrap;
    }

    /**
     * Starts a broker and waits until it answers.
     *
     * @param command becomes the broker: a launcher has to {@code exec} it, so that process and broker are one
     * @param log where its output goes
     */
    static BrokerProcess start(String product, List<String> command, Path log, int port)
            throws IOException, InterruptedException {
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        var broker = new BrokerProcess(product, process, "127.0.0.1:" + port);
        try {
            broker.awaitReady(log);
        } catch (IOException | InterruptedException | RuntimeException failed) {
            broker.close();
            throw failed;
        }
        return broker;
    }

    private void awaitReady(Path log) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        try (Admin admin = admin()) {
            while (true) {
                try {
                    if (!admin.describeCluster()
                            .nodes()
                            .get(2, TimeUnit.SECONDS)
                            .isEmpty()) {
                        return;
                    }
                } catch (ExecutionException | TimeoutException notYet) {
                    if (System.nanoTime() - deadline > 0) {
                        throw new IOException(
                                product + " does not answer; its output: " + Files.readString(log), notYet);
                    }
                }
                if (!process.isAlive()) {
                    throw new IOException(product + " ended; its output: " + Files.readString(log));
                }
                TimeUnit.MILLISECONDS.sleep(200);
            }
        }
    }

    /** A client for administration; the caller closes it. */
    Admin admin() {
        var properties = new Properties();
        properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        return Admin.create(properties);
    }

    /** Where clients connect. */
    String bootstrap() {
        return bootstrap;
    }

    /** User and system time of the process so far, in seconds. */
    double cpuSeconds() {
        Duration total = process.toHandle()
                .info()
                .totalCpuDuration()
                .orElseThrow(() -> new IllegalStateException(product + " is gone, or this system tells no CPU times"));
        return total.toNanos() / 1e9;
    }

    /** Waits until what a run left to do in the background is done, or ten seconds. */
    void awaitQuiet() throws InterruptedException {
        long deadline = System.nanoTime() + QUIET_LIMIT.toNanos();
        double share = 1;
        while (share > QUIET_CPU_SHARE && System.nanoTime() - deadline < 0) {
            double before = cpuSeconds();
            TimeUnit.NANOSECONDS.sleep(QUIET_INTERVAL.toNanos());
            share = (cpuSeconds() - before) / (QUIET_INTERVAL.toNanos() / 1e9);
        }
    }

    /** Forgets the peak of resident memory so far, where the system can (Linux). */
    void resetPeak() throws IOException {
        Path clear = proc("clear_refs");
        if (Files.exists(clear)) {
            Files.writeString(clear, "5");
        }
    }

    /** Most resident memory since {@link #resetPeak}, or NaN where the system does not tell (other than Linux). */
    double peakMebibytes() throws IOException {
        Path status = proc("status");
        if (!Files.exists(status)) {
            return Double.NaN;
        }
        try (Stream<String> lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("VmHWM:"))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
                    .findFirst()
                    .orElse(Double.NaN);
        }
    }

    private Path proc(String file) {
        return Path.of("/proc", Long.toString(process.pid()), file);
    }

    /** Ends the process, gently if it lets itself be ended. Any thread. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
