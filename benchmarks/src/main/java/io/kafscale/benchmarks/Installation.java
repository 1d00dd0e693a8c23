package io.kafscale.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.Uuid;

/**
 * Starts brokers as they come: default settings but for addresses and directories, and the same heap.
 *
 * @param java the java binary
 * @param kafscale the launcher of this broker
 * @param kafkaJars directory with the jars of Apache Kafka and its tools
 */
record Installation(Path java, Path kafscale, Path kafkaJars) {
    private static final String HEAP = "512m";

    /** What Kafka's own start script gives the JVM. */
    private static final List<String> KAFKA_JVM = List.of(
            "-server",
            "-XX:+UseG1GC",
            "-XX:MaxGCPauseMillis=20",
            "-XX:InitiatingHeapOccupancyPercent=35",
            "-XX:+ExplicitGCInvokesConcurrent",
            "-Djava.awt.headless=true",
            "--sun-misc-unsafe-memory-access=allow",
            "--enable-native-access=ALL-UNNAMED");

    /** A command that runs a main class of Kafka's. */
    List<String> kafkaCommand(List<String> jvmOptions, String mainClass, String... arguments) {
        var command = new ArrayList<String>();
        command.add(java.toString());
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", kafkaJars + "/*", mainClass));
        command.addAll(Arrays.asList(arguments));
        return command;
    }

    /** Starts Apache Kafka, broker and controller in one process, on an empty directory. */
    BrokerProcess startKafka(Path directory) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        int[] ports = freePorts(2);
        var settings = new Properties();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", "1");
        settings.put("controller.quorum.voters", "1@127.0.0.1:" + ports[1]);
        settings.put("listeners", "PLAINTEXT://127.0.0.1:" + ports[0] + ",CONTROLLER://127.0.0.1:" + ports[1]);
        settings.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + ports[0]);
        settings.put("controller.listener.names", "CONTROLLER");
        settings.put("log.dirs", directory.resolve("data").toString());
        settings.put("offsets.topic.replication.factor", "1");
        settings.put("transaction.state.log.replication.factor", "1");
        settings.put("transaction.state.log.min.isr", "1");
        Path file = directory.resolve("server.properties");
        try (var writer = Files.newBufferedWriter(file)) {
            settings.store(writer, null);
        }
        format(file, directory.resolve("format.log"));
        var jvm = new ArrayList<>(KAFKA_JVM);
        jvm.addAll(List.of("-Xms" + HEAP, "-Xmx" + HEAP));
        return BrokerProcess.start(
                "Kafka", kafkaCommand(jvm, "kafka.Kafka", file.toString()), directory.resolve("broker.log"), ports[0]);
    }

    private void format(Path settings, Path log) throws IOException, InterruptedException {
        var command = kafkaCommand(
                List.of("-XX:TieredStopAtLevel=1"),
                "kafka.tools.StorageTool",
                "format",
                "-t",
                Uuid.randomUuid().toString(),
                "-c",
                settings.toString());
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (!process.waitFor(1, TimeUnit.MINUTES) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IOException("Kafka's directory could not be formatted: " + Files.readString(log));
        }
    }

    /** Starts this broker, everything embedded, on an empty directory. */
    BrokerProcess startKafscale(Path directory) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        int port = freePorts(1)[0];
        var command = List.of(
                "env",
                "KAFSCALE_HEAP=" + HEAP,
                kafscale.toString(),
                "broker",
                "--set",
                "listen=127.0.0.1:" + port,
                "--set",
                "storage.uri=" + directory.resolve("objects").toUri(),
                "--set",
                "metadata.uri=" + directory.resolve("metadata").toUri());
        return BrokerProcess.start("Kafscale", command, directory.resolve("broker.log"), port);
    }

    private static int[] freePorts(int count) throws IOException {
        var sockets = new ArrayList<ServerSocket>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return sockets.stream().mapToInt(ServerSocket::getLocalPort).toArray();
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }
}
