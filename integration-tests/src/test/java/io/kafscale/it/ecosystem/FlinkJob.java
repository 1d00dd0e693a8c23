package io.kafscale.it.ecosystem;

import io.kafscale.it.broker.BrokerUnderTest;
import io.kafscale.it.process.ChildProcess;
import io.kafscale.it.process.JavaProgram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A Flink job that runs, with a cluster of its own in its process. */
final class FlinkJob implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String LOG = "-Dorg.slf4j.simpleLogger.log.org.apache.flink.";
    private static final JavaProgram PROGRAM = FrameworkProcess.program(
            "flink",
            List.of(
                    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                    LOG + "metrics=error",
                    LOG + "runtime.checkpoint.CheckpointCoordinator=info"));

    private final FrameworkProcess framework;
    private final ChildProcess process;

    private FlinkJob(BrokerUnderTest broker, String name, List<String> words) {
        var arguments = new ArrayList<>(List.of(broker.bootstrapServers()));
        arguments.addAll(words);
        this.framework = FrameworkProcess.start(PROGRAM, "io.kafscale.programs.flink." + name, arguments);
        this.process = framework.process();
    }

    /** Copies what is in {@code input} now, and ends. */
    static void copyBounded(BrokerUnderTest broker, String input, String output, String group) {
        try (var job = new FlinkJob(broker, "CopyJob", List.of(input, output, group, "bounded"))) {
            job.process.awaitSuccess(PATIENCE);
        }
    }

    /** Starts to copy what the group has not yet committed. */
    static FlinkJob copy(BrokerUnderTest broker, String input, String output, String group) {
        return new FlinkJob(broker, "CopyJob", List.of(input, output, group, "unbounded"));
    }

    /** Starts to count the values of {@code input}, with checkpoints below {@code checkpoints}. */
    static FlinkJob count(BrokerUnderTest broker, String input, String output, String group, Path checkpoints) {
        var words = new ArrayList<>(
                List.of(input, output, group, checkpoints.toUri().toString()));
        newestOf(checkpoints).map(Path::toUri).map(Object::toString).forEach(words::add);
        return new FlinkJob(broker, "CountJob", words);
    }

    /** The newest checkpoint that is complete, if there is one. */
    private static Stream<Path> newestOf(Path checkpoints) {
        try (Stream<Path> found = Files.walk(checkpoints)) {
            return found
                    .filter(path -> path.endsWith("_metadata"))
                    .map(Path::getParent)
                    .max(Comparator.comparingInt(FlinkJob::number))
                    .stream();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static int number(Path checkpoint) {
        return Integer.parseInt(checkpoint.getFileName().toString().replace("chk-", ""));
    }

    /** Waits for one more checkpoint than there are now. */
    void awaitCheckpoint() {
        long before =
                process.errors().lines().stream().filter(FlinkJob::isCheckpoint).count();
        process.errors().awaitLines((int) before + 1, PATIENCE, FlinkJob::isCheckpoint);
    }

    private static boolean isCheckpoint(String line) {
        return line.contains("Completed checkpoint ");
    }

    /** {@code kill -9}. */
    @Override
    public void close() {
        framework.close();
    }
}
