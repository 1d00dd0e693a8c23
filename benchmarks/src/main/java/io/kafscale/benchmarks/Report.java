package io.kafscale.benchmarks;

import io.kafscale.benchmarks.Measurement.Consumed;
import io.kafscale.benchmarks.Measurement.Produced;
import io.kafscale.benchmarks.Measurement.Spent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Measurements as Markdown: medians over the rounds, and this broker's CPU time in terms of Kafka's. */
final class Report {
    private final List<Measurement> measurements;

    Report(List<Measurement> measurements) {
        this.measurements = List.copyOf(measurements);
    }

    /** The page of the documentation: what {@code benchmarks.md} beside this class says around the tables. */
    String page(Machine machine, LocalDate date, BenchmarkOptions options) throws IOException {
        try (var template = Objects.requireNonNull(Report.class.getResourceAsStream("benchmarks.md"))) {
            return new String(template.readAllBytes(), StandardCharsets.UTF_8)
                    .replace("{{tables}}", tables().strip())
                    .replace("{{command}}", options.command())
                    .replace("{{rounds}}", Integer.toString(options.plan().rounds()))
                    .replace("{{readings}}", Integer.toString(options.plan().readings()))
                    .replace("{{date}}", date.toString())
                    .replace("{{hardware}}", machine.hardware())
                    .replace("{{system}}", machine.system())
                    .replace("{{java}}", machine.java())
                    .replace("{{kafka}}", machine.kafka())
                    .replace("{{kafscale}}", machine.kafscale());
        }
    }

    /** The tables alone. */
    String tables() {
        return section("Producing as fast as the client can", unlimited(), this::producingRow, PRODUCING)
                + section("Consuming from the start", unlimited(), this::consumingRow, CONSUMING)
                + section(
                        "Producing at a steady pace (5,000 records a second)", paced(), this::producingRow, PRODUCING);
    }

    private static final List<String> PRODUCING = List.of(
            "record", "partitions", "broker", "MB/s", "p50 ms", "p99 ms", "CPU s/GB", "CPU ÷ Kafka", "peak RSS MiB");
    private static final List<String> CONSUMING =
            List.of("record", "partitions", "broker", "MB/s", "CPU s/GB", "CPU ÷ Kafka", "peak RSS MiB");

    private List<Workload> unlimited() {
        return workloads().filter(workload -> !workload.isPaced()).toList();
    }

    private List<Workload> paced() {
        return workloads().filter(Workload::isPaced).toList();
    }

    private Stream<Workload> workloads() {
        return measurements.stream().map(Measurement::workload).distinct();
    }

    /** The cells of a row, or null if the subject has nothing to tell here. */
    private interface Row {
        @Nullable
        List<String> of(Workload workload, Subject subject);
    }

    private static String section(String title, List<Workload> workloads, Row row, List<String> columns) {
        if (workloads.isEmpty()) {
            return "";
        }
        var text = new StringBuilder("## ").append(title).append("\n\n").append(line(columns));
        text.append("|---:|---:|:---|")
                .append("---:|".repeat(columns.size() - 3))
                .append('\n');
        for (Workload workload : workloads) {
            for (Subject subject : Subject.values()) {
                List<String> cells = row.of(workload, subject);
                if (cells != null) {
                    text.append(line(cells));
                }
            }
        }
        return text.append('\n').toString();
    }

    private static String line(List<String> cells) {
        return "| " + String.join(" | ", cells) + " |\n";
    }

    private @Nullable List<String> producingRow(Workload workload, Subject subject) {
        List<Produced> runs = produced(workload, subject);
        if (runs.isEmpty()) {
            return null;
        }
        List<Produced> kafka = produced(workload, Subject.KAFKA);
        return List.of(
                workload.size(),
                Integer.toString(workload.partitions()),
                subject.title(),
                rounded(median(runs, Produced::megabytesPerSecond), 1),
                rounded(median(runs, Produced::p50Ms), 0),
                rounded(median(runs, Produced::p99Ms), 0),
                cpu(workload, runs.stream().map(Produced::spent).toList()),
                ratio(
                        subject,
                        runs.stream().map(Produced::spent).toList(),
                        kafka.stream().map(Produced::spent).toList()),
                rounded(median(runs, run -> run.spent().peakMebibytes()), 0));
    }

    private @Nullable List<String> consumingRow(Workload workload, Subject subject) {
        List<Consumed> runs = consumed(workload, subject);
        if (runs.isEmpty()) {
            return null;
        }
        List<Consumed> kafka = consumed(workload, Subject.KAFKA);
        return List.of(
                workload.size(),
                Integer.toString(workload.partitions()),
                subject.title(),
                rounded(median(runs, Consumed::megabytesPerSecond), 1),
                cpu(workload, runs.stream().map(Consumed::spent).toList()),
                ratio(
                        subject,
                        runs.stream().map(Consumed::spent).toList(),
                        kafka.stream().map(Consumed::spent).toList()),
                rounded(median(runs, run -> run.spent().peakMebibytes()), 0));
    }

    private List<Produced> produced(Workload workload, Subject subject) {
        return of(workload, subject).map(Measurement::produced).toList();
    }

    private List<Consumed> consumed(Workload workload, Subject subject) {
        return of(workload, subject)
                .map(Measurement::consumed)
                .filter(Objects::nonNull)
                .map(Objects::requireNonNull)
                .toList();
    }

    private Stream<Measurement> of(Workload workload, Subject subject) {
        return measurements.stream()
                .filter(measurement -> measurement.subject() == subject
                        && measurement.workload().equals(workload));
    }

    private static String cpu(Workload workload, List<Spent> runs) {
        return rounded(median(runs, Spent::cpuSeconds) / workload.gigabytes(), 2);
    }

    private static String ratio(Subject subject, List<Spent> runs, List<Spent> kafka) {
        return subject == Subject.KAFKA || kafka.isEmpty()
                ? ""
                : rounded(median(runs, Spent::cpuSeconds) / median(kafka, Spent::cpuSeconds), 2);
    }

    static <T> double median(List<T> runs, ToDoubleFunction<T> number) {
        double[] sorted = runs.stream().mapToDouble(number).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1
                ? sorted[middle]
                : Arrays.stream(sorted, middle - 1, middle + 1).sum() / 2;
    }

    private static String rounded(double number, int digits) {
        return Double.isNaN(number) ? "–" : String.format(Locale.ROOT, "%." + digits + "f", number);
    }
}
