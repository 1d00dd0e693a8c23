package io.kafscale.benchmarks;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The command line.
 *
 * @param kafkaJars directory with the jars of Apache Kafka
 * @param quick the short suite
 * @param rounds another number of them, or null
 * @param subjects whom to measure
 * @param cells workloads to run, by {@link #name}
 * @param output another file for the report, or null
 */
record BenchmarkOptions(
        Path kafkaJars,
        boolean quick,
        @Nullable Integer rounds,
        Set<Subject> subjects,
        Pattern cells,
        @Nullable Path output) {
    static final String HELP = """
            Measures Kafscale and Apache Kafka side by side.

              --kafka DIRECTORY     the jars of Apache Kafka (run.sh puts them there)
              --quick               one round of about six minutes
              --rounds N            another number of rounds
              --only kafka|kafscale one of the two, for a profile; writes no report unless --output is given
              --cells REGEX         only these, for example '100x1|1024x50|1024x1@5000'
              --output FILE         where the report goes
            """;

    static BenchmarkOptions parse(String... arguments) {
        Path kafka = null;
        boolean quick = false;
        Integer rounds = null;
        Set<Subject> subjects = EnumSet.allOf(Subject.class);
        Pattern cells = Pattern.compile(".*");
        Path output = null;
        Deque<String> rest = new ArrayDeque<>(Arrays.asList(arguments));
        while (!rest.isEmpty()) {
            String option = rest.remove();
            switch (option) {
                case "--quick" -> quick = true;
                case "--kafka" -> kafka = Path.of(value(option, rest));
                case "--rounds" -> rounds = Integer.valueOf(value(option, rest));
                case "--only" -> subjects = only(value(option, rest));
                case "--cells" -> cells = Pattern.compile(value(option, rest));
                case "--output" -> output = Path.of(value(option, rest));
                default -> throw new IllegalArgumentException("There is no option " + option + ".");
            }
        }
        if (kafka == null) {
            throw new IllegalArgumentException("Where are Kafka's jars? (--kafka)");
        }
        return new BenchmarkOptions(kafka, quick, rounds, subjects, cells, output);
    }

    private static String value(String option, Deque<String> rest) {
        if (rest.isEmpty()) {
            throw new IllegalArgumentException(option + " needs a value.");
        }
        return rest.remove();
    }

    private static Set<Subject> only(String product) {
        return switch (product) {
            case "kafka" -> EnumSet.of(Subject.KAFKA, Subject.KAFKA_FLUSHING);
            case "kafscale" -> EnumSet.of(Subject.KAFSCALE);
            default -> throw new IllegalArgumentException("--only takes kafka or kafscale, not " + product + ".");
        };
    }

    /** What {@code --cells} matches. */
    static String name(Workload workload) {
        String name = workload.recordBytes() + "x" + workload.partitions();
        return workload.isPaced() ? name + "@" + workload.recordsPerSecond() : name;
    }

    /** The command that makes this report. */
    String command() {
        String quickly = quick ? "QUICK=1 " : "";
        return rounds == null ? quickly + "make bench" : quickly + "BENCH_ARGS=\"--rounds " + rounds + "\" make bench";
    }

    /** The plan with what the options change of it. */
    Plan plan() {
        Plan base = quick ? Plan.quick() : Plan.full();
        return new Plan(
                rounds == null ? base.rounds() : rounds,
                wanted(base.warmUp()),
                wanted(base.workloads()),
                base.readings(),
                base.flushing());
    }

    private List<Workload> wanted(List<Workload> workloads) {
        return workloads.stream()
                .filter(workload -> cells.matcher(name(workload)).matches())
                .toList();
    }

    boolean isWhole() {
        return subjects.size() == Subject.values().length;
    }
}
