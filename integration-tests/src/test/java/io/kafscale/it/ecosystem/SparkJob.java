package io.kafscale.it.ecosystem;

import io.kafscale.it.broker.BrokerUnderTest;
import io.kafscale.it.process.JavaProgram;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** The Spark job that counts, with its executor in its own process. */
final class SparkJob {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    /** What spark-submit opens to Spark: see its class JavaModuleOptions. */
    private static final List<String> OPENED = List.of(
            "java.lang",
            "java.lang.invoke",
            "java.lang.reflect",
            "java.io",
            "java.net",
            "java.nio",
            "java.util",
            "java.util.concurrent",
            "java.util.concurrent.atomic",
            "jdk.internal.ref",
            "sun.nio.ch",
            "sun.nio.cs",
            "sun.util.calendar");

    private SparkJob() {}

    /** Counts what has come to {@code input} since the last run with this directory, and ends. */
    static void count(BrokerUnderTest broker, String input, String output, Path directory) {
        var arguments = List.of(broker.bootstrapServers(), input, output, directory.toString());
        try (var job = FrameworkProcess.start(program(), "io.kafscale.programs.spark.CountJob", arguments)) {
            job.process().awaitSuccess(PATIENCE);
        }
    }

    private static JavaProgram program() {
        List<String> opens = OPENED.stream()
                .flatMap(opened -> Stream.of("--add-opens", "java.base/" + opened + "=ALL-UNNAMED"))
                .toList();
        return FrameworkProcess.program("spark", opens);
    }
}
