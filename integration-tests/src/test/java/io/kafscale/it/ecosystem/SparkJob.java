package io.kafscale.it.ecosystem;

import io.kafscale.it.broker.BrokerUnderTest;
import io.kafscale.it.process.ChildProcess;
import io.kafscale.it.process.JavaProgram;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
        List<String> command = program()
                .command(
                        "io.kafscale.programs.spark.CountJob",
                        List.of(broker.bootstrapServers(), input, output, directory.toString()));
        try (var job = ChildProcess.start("spark", command, Map.of("SPARK_LOCAL_IP", "127.0.0.1"))) {
            job.awaitSuccess(PATIENCE);
        }
    }

    private static JavaProgram program() {
        var options = new ArrayList<>(List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        OPENED.stream()
                .flatMap(opened -> Stream.of("--add-opens", "java.base/" + opened + "=ALL-UNNAMED"))
                .forEach(options::add);
        return JavaProgram.of("spark", options);
    }
}
