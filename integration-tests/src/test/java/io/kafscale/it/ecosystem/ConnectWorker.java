package io.kafscale.it.ecosystem;

import io.kafscale.it.broker.BrokerUnderTest;
import io.kafscale.it.client.Clients;
import io.kafscale.it.process.JavaProgram;
import io.kafscale.testkit.net.LoopbackPort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** A Kafka Connect worker with its default settings, which can be stopped and started again. For one thread. */
final class ConnectWorker implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String SERVER_STARTED = "Kafka Connect started";
    private static final String GROUP_JOINED = "Finished starting connectors and tasks";
    private static final JavaProgram PROGRAM = FrameworkProcess.program(
            "kafka-connect",
            List.of(
                    "-Dorg.slf4j.simpleLogger.showDateTime=true",
                    "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS"));

    private final List<String> readyLines;
    private final String mainClass;
    private final List<String> files;
    private final ConnectRest rest;
    private @Nullable FrameworkProcess framework;

    private ConnectWorker(String mainClass, List<String> readyLines, List<String> files, int port) {
        this.readyLines = List.copyOf(readyLines);
        this.mainClass = "org.apache.kafka.connect.cli." + mainClass;
        this.files = List.copyOf(files);
        this.rest = new ConnectRest(port);
    }

    /** A worker that runs these connectors, by name, and keeps the offsets of sources in a file of {@code directory}. */
    static ConnectWorker standalone(
            BrokerUnderTest broker, Path directory, Map<String, Map<String, String>> connectors) {
        int port = LoopbackPort.free();
        Map<String, String> settings = settings(broker, port);
        settings.put(
                "offset.storage.file.filename", directory.resolve("offsets").toString());
        var files = new ArrayList<String>();
        files.add(write(directory.resolve("worker.properties"), settings));
        connectors.forEach((name, config) -> {
            var named = new HashMap<>(config);
            named.put("name", name);
            files.add(write(directory.resolve(name + ".properties"), named));
        });
        return new ConnectWorker("ConnectStandalone", List.of(SERVER_STARTED), files, port);
    }

    /** A worker of a Connect cluster of its own, which keeps everything in topics whose names begin with {@code cluster}. */
    static ConnectWorker distributed(BrokerUnderTest broker, Path directory, String cluster) {
        int port = LoopbackPort.free();
        Map<String, String> settings = settings(broker, port);
        settings.put("group.id", cluster);
        for (String kept : List.of("config", "offset", "status")) {
            settings.put(kept + ".storage.topic", cluster + "-" + kept);
            if (broker.isApacheKafka()) { // three replicas are the default, for which one node of it is too few
                settings.put(kept + ".storage.replication.factor", "1");
            }
        }
        String file = write(directory.resolve(Clients.unique("worker") + ".properties"), settings);
        return new ConnectWorker("ConnectDistributed", List.of(SERVER_STARTED, GROUP_JOINED), List.of(file), port);
    }

    private static Map<String, String> settings(BrokerUnderTest broker, int port) {
        var settings = new HashMap<String, String>();
        settings.put("bootstrap.servers", broker.bootstrapServers());
        settings.put("key.converter", "org.apache.kafka.connect.json.JsonConverter");
        settings.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
        settings.put("listeners", "http://127.0.0.1:" + port);
        return settings;
    }

    private static String write(Path file, Map<String, String> settings) {
        var properties = new Properties();
        properties.putAll(settings);
        try (Writer writer = Files.newBufferedWriter(file)) {
            properties.store(writer, null);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return file.toString();
    }

    /** Its REST interface. */
    ConnectRest rest() {
        return rest;
    }

    /** Starts it and waits until it can be told what to do. */
    void start() {
        FrameworkProcess started = FrameworkProcess.start(PROGRAM, mainClass, files);
        framework = started;
        for (String ready : readyLines) {
            started.process()
                    .errors()
                    .awaitLine("the worker's word that it is ready", PATIENCE, line -> line.contains(ready));
        }
    }

    /** Stops it as its user would (SIGTERM), which commits what it has done. */
    void stop() {
        FrameworkProcess stopped = framework;
        framework = null;
        if (stopped != null) {
            try (stopped) {
                stopped.process().terminate(PATIENCE);
            }
        }
    }

    /** Kills it if it still runs. */
    @Override
    public void close() {
        rest.close();
        if (framework != null) {
            framework.close();
        }
    }
}
