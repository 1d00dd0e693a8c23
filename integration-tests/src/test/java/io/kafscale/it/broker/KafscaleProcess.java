package io.kafscale.it.broker;

import io.kafscale.it.process.ChildProcess;
import io.kafscale.it.process.JavaProgram;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Our broker. */
public final class KafscaleProcess extends OneProcess {
    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration STOP = Duration.ofSeconds(30);
    private static final String MAIN_CLASS = "io.kafscale.app.Kafscale";

    private final Storage storage;
    private final String metadata;

    private KafscaleProcess(Storage storage, String metadata) {
        super("kafscale", STOP);
        this.storage = storage;
        this.metadata =
                metadata.isEmpty() ? directory().resolve("metadata").toUri().toString() : metadata;
        launch();
        awaitReady();
    }

    /** A fresh one that answers clients and stores into {@code storage}, which it closes when it is closed. */
    public static KafscaleProcess launchFresh(Storage storage) {
        return new KafscaleProcess(storage, "");
    }

    /** The same with metadata elsewhere than in a directory of its own. */
    public static KafscaleProcess launchFresh(Storage storage, String metadataUri) {
        return new KafscaleProcess(storage, metadataUri);
    }

    /** Starts a broker with exactly these settings and does not wait for anything. */
    public static ChildProcess launchUnchecked(List<String> settings, Map<String, String> environment) {
        var arguments = new ArrayList<>(List.of("broker"));
        settings.forEach(setting -> arguments.addAll(List.of("--set", setting)));
        List<String> command = JavaProgram.of(
                        "kafscale", List.of("-Xmx512m", "-XX:+UseG1GC", "-XX:TieredStopAtLevel=1"))
                .command(MAIN_CLASS, arguments);
        return ChildProcess.start("kafscale-broker", command, environment);
    }

    @Override
    protected ChildProcess newProcess() {
        var settings = new ArrayList<>(storage.settings());
        settings.add("listen=" + bootstrapServers());
        settings.add("metadata.uri=" + metadata);
        settings.add("group.initial.rebalance.delay.ms=200");
        return launchUnchecked(settings, storage.environment());
    }

    @Override
    public void awaitReady() {
        try {
            process()
                    .output()
                    .awaitLine("the broker's word that it is ready", START, line -> line.endsWith(" is ready."));
        } catch (AssertionError notReady) {
            kill();
            throw new AssertionError("It does not start: " + process(), notReady);
        }
    }

    @Override
    public boolean isApacheKafka() {
        return false;
    }

    @Override
    public void close() {
        super.close();
        storage.close();
    }

    @Override
    public String toString() {
        return "Kafscale on " + storage;
    }
}
