package io.kafscale.it.maintenance;

import io.kafscale.it.broker.KafscaleProcess;
import io.kafscale.it.broker.OneProcess;
import io.kafscale.it.process.ChildProcess;
import io.kafscale.it.process.JavaProgram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A broker on two directories that a test may touch, and commands on the same. */
final class DirectoryBroker extends OneProcess {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    DirectoryBroker() {
        super("maintenance", PATIENCE);
        launch();
        awaitReady();
    }

    Path objects() {
        return directory().resolve("objects");
    }

    Path metadata() {
        return directory().resolve("metadata");
    }

    Path aside(String name) {
        return directory().resolve(name);
    }

    private List<String> settings() {
        return List.of(
                "listen=" + bootstrapServers(),
                "storage.uri=" + objects().toUri(),
                "metadata.uri=" + metadata().toUri(),
                "segment.bytes=16KiB");
    }

    @Override
    protected ChildProcess newProcess() {
        return KafscaleProcess.launchUnchecked(settings(), Map.of());
    }

    /** What a command has said and its exit code. */
    record Run(int exitCode, String output, String errors) {}

    /** Runs a command with the broker's settings to its end. */
    Run command(String name, String... arguments) {
        var all = new ArrayList<>(List.of(name));
        settings().forEach(setting -> all.addAll(List.of("--set", setting)));
        all.addAll(List.of(arguments));
        List<String> command = JavaProgram.shortLived("kafscale").command("io.kafscale.app.Kafscale", all);
        try (ChildProcess tool = ChildProcess.start("kafscale-" + name, command)) {
            int exitCode = tool.endInput().awaitExit(PATIENCE);
            return new Run(
                    exitCode,
                    String.join("\n", tool.output().lines()),
                    String.join("\n", tool.errors().lines()));
        }
    }

    /** Copies a directory with everything in it. */
    static void copy(Path from, Path to) {
        try (Stream<Path> found = Files.walk(from)) {
            for (Path path : found.toList()) {
                Files.copy(path, to.resolve(from.relativize(path).toString()));
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Why it does not start. */
    String refusal() {
        try (ChildProcess broker = newProcess()) {
            if (broker.awaitExit(PATIENCE) == 0) {
                throw new AssertionError("it started");
            }
            return String.join("\n", broker.errors().lines());
        }
    }

    @Override
    public void awaitReady() {
        process()
                .output()
                .awaitLine("the broker's word that it is ready", PATIENCE, line -> line.endsWith(" is ready."));
    }

    @Override
    public boolean isApacheKafka() {
        return false;
    }
}
