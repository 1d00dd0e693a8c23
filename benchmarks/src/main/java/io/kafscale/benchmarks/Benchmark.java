package io.kafscale.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The program behind {@code make bench}. Runs in the project's root directory; leaves nothing behind but the report.
 */
public final class Benchmark {
    private Benchmark() {}

    /** See {@code --help}. */
    public static void main(String[] arguments) throws IOException, InterruptedException, ExecutionException {
        if (List.of(arguments).contains("--help")) {
            System.out.print(BenchmarkOptions.HELP);
            return;
        }
        BenchmarkOptions options;
        try {
            options = BenchmarkOptions.parse(arguments);
        } catch (IllegalArgumentException wrong) {
            System.err.println(wrong.getMessage());
            System.err.print(BenchmarkOptions.HELP);
            System.exit(2);
            return;
        }
        var interruption = Interruption.ofThisThread();
        List<Measurement> measurements;
        try {
            measurements = measure(options);
        } catch (IOException | InterruptedException | ExecutionException | RuntimeException failed) {
            if (interruption.hasBegun()) {
                System.err.println("Interrupted; nothing is written.");
                return;
            }
            throw failed;
        }
        var report = new Report(measurements);
        System.out.println();
        System.out.println(report.tables());
        Path output = output(options);
        if (output != null) {
            Files.writeString(output, report.page(Machine.describe(), LocalDate.now(ZoneOffset.UTC), options));
            System.out.println("Written to " + output);
        }
    }

    private static @Nullable Path output(BenchmarkOptions options) {
        if (options.output() != null || !options.isWhole()) {
            return options.output();
        }
        return Path.of(options.quick() ? "benchmarks/target/benchmarks-quick.md" : "docs/benchmarks.md");
    }

    private static List<Measurement> measure(BenchmarkOptions options)
            throws IOException, InterruptedException, ExecutionException {
        var installation = new Installation(
                Path.of(System.getProperty("java.home"), "bin", "java"),
                Path.of("kafscale").toAbsolutePath(),
                options.kafkaJars().toAbsolutePath());
        var plan = options.plan();
        var measurements = new ArrayList<Measurement>();
        // On the project's disk: a temporary directory may be in memory, where an fsync costs nothing.
        Path directory =
                Files.createTempDirectory(Path.of("benchmarks/target"), "work-").toAbsolutePath();
        var bench = new Bench(installation, plan, options.subjects(), directory, measurement -> {
            print(measurement);
            measurements.add(measurement);
        });
        try {
            WorkDirectory.spread(directory);
            bench.start();
            System.out.println("Warming up");
            bench.warmUp();
            for (int number = 0; number < plan.rounds(); number++) {
                System.out.printf("Round %d of %d%n", number + 1, plan.rounds());
                bench.round(number);
            }
        } finally {
            Thread.interrupted(); // whoever interrupts the benchmark wants it to end, but in order
            bench.close();
            WorkDirectory.delete(directory);
        }
        return measurements;
    }

    private static void print(Measurement measurement) {
        var produced = measurement.produced();
        var consumed = measurement.consumed();
        double gigabytes = measurement.workload().gigabytes();
        var line = String.format(
                Locale.ROOT,
                "  %-12s %-14s produce %6.1f MB/s  p50 %4.0f ms  p99 %4.0f ms  %5.2f CPU s/GB",
                measurement.subject().title(),
                BenchmarkOptions.name(measurement.workload()),
                produced.megabytesPerSecond(),
                produced.p50Ms(),
                produced.p99Ms(),
                produced.spent().cpuSeconds() / gigabytes);
        if (consumed != null) {
            line += String.format(
                    Locale.ROOT,
                    "  consume %6.1f MB/s  %5.2f CPU s/GB",
                    consumed.megabytesPerSecond(),
                    consumed.spent().cpuSeconds() / gigabytes);
        }
        System.out.printf("%s  %4.0f MiB%n", line, produced.spent().peakMebibytes());
    }
}
