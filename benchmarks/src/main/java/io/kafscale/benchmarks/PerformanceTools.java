package io.kafscale.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs {@code kafka-producer-perf-test} and {@code kafka-consumer-perf-test} and reads what they print. */
final class PerformanceTools {
    /** What the producer's last line says. */
    record ProducerLine(double recordsPerSecond, double p50Ms, double p99Ms) {}

    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final List<String> JVM =
            List.of("-Xmx512m", "-XX:+UseG1GC", "--sun-misc-unsafe-memory-access=allow");
    private static final Pattern PRODUCED = Pattern.compile("^(\\d+) records sent, ([\\d.]+) records/sec .*?"
            + " (\\d+) ms 50th, \\d+ ms 95th, (\\d+) ms 99th, \\d+ ms 99\\.9th\\.$");

    /** Columns of the consumer's line. */
    private static final int CONSUMED_RECORDS = 4;

    private static final int FETCH_RECORDS_PER_SECOND = 9;
    private static final int CONSUMER_COLUMNS = 10;

    private final Installation installation;
    private final Path directory;

    /** Tools of {@code installation}, whose output goes to files in {@code directory}. */
    PerformanceTools(Installation installation, Path directory) {
        this.installation = installation;
        this.directory = directory;
    }

    /** Produces the workload's records, {@code acks=all} and idempotent, other settings as the client has them. */
    ProducerLine produce(String bootstrap, String topic, Workload workload) throws IOException, InterruptedException {
        String[] arguments = {
            "--bootstrap-server",
            bootstrap,
            "--topic",
            topic,
            "--num-records",
            Long.toString(workload.records()),
            "--record-size",
            Integer.toString(workload.recordBytes()),
            "--throughput",
            Integer.toString(workload.recordsPerSecond()),
            "--command-property",
            "acks=all",
            "enable.idempotence=true"
        };
        return parseProducer(run("org.apache.kafka.tools.ProducerPerformance", arguments), workload.records());
    }

    /** Consumes as many records as the workload has; returns records per second, the time to join the group left out. */
    double consume(String bootstrap, String topic, Workload workload) throws IOException, InterruptedException {
        String[] arguments = {
            "--bootstrap-server",
            bootstrap,
            "--topic",
            topic,
            "--num-records",
            Long.toString(workload.records()),
            "--timeout",
            "60000",
            "--hide-header"
        };
        return parseConsumer(run("org.apache.kafka.tools.ConsumerPerformance", arguments), workload.records());
    }

    private List<String> run(String mainClass, String... arguments) throws IOException, InterruptedException {
        Path output = directory.resolve("client.log");
        Process process = new ProcessBuilder(installation.kafkaCommand(JVM, mainClass, arguments))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException(mainClass + " failed: " + Files.readString(output));
            }
        } finally {
            process.destroyForcibly();
        }
        return Files.readAllLines(output);
    }

    static ProducerLine parseProducer(List<String> output, long records) throws IOException {
        for (String line : output.reversed()) {
            Matcher matcher = PRODUCED.matcher(line);
            if (matcher.matches() && Long.parseLong(matcher.group(1)) == records) {
                return new ProducerLine(
                        Double.parseDouble(matcher.group(2)),
                        Double.parseDouble(matcher.group(3)),
                        Double.parseDouble(matcher.group(4)));
            }
        }
        throw new IOException("the producer did not send " + records + " records: " + String.join("\n", output));
    }

    static double parseConsumer(List<String> output, long records) throws IOException {
        for (String line : output.reversed()) {
            String[] columns = line.split(",\\s*", -1);
            // A fetch may bring a few records more than were asked for.
            if (columns.length == CONSUMER_COLUMNS && Long.parseLong(columns[CONSUMED_RECORDS]) >= records) {
                return Double.parseDouble(columns[FETCH_RECORDS_PER_SECOND]);
            }
        }
        throw new IOException("the consumer did not get " + records + " records: " + String.join("\n", output));
    }
}
