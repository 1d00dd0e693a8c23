package io.kafscale.benchmarks;

import io.kafscale.benchmarks.Measurement.Consumed;
import io.kafscale.benchmarks.Measurement.Produced;
import io.kafscale.benchmarks.Measurement.Spent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;

/**
 * The brokers side by side: warmed up together, then taken through each workload one after the other. They live as long as the
 * benchmark, so that what is measured is a broker at work and not its compiler. Belongs to one thread, but for {@link #close}.
 */
final class Bench {
    private final Plan plan;
    private final PerformanceTools tools;
    private final Installation installation;
    private final Path directory;
    private final List<Subject> subjects;
    private final Consumer<Measurement> results;
    private final Map<String, BrokerProcess> brokers = new ConcurrentHashMap<>();
    private int topics;

    /**
     * A bench on which nothing has been started.
     *
     * @param directory an empty one, which the caller deletes after {@link #close}
     * @param results is told each measurement
     */
    Bench(Installation installation, Plan plan, Set<Subject> wanted, Path directory, Consumer<Measurement> results) {
        this.installation = installation;
        this.plan = plan;
        this.directory = directory;
        this.results = results;
        this.tools = new PerformanceTools(installation, directory);
        this.subjects = List.copyOf(EnumSet.copyOf(wanted));
    }

    /** Starts the brokers. */
    void start() throws IOException, InterruptedException {
        for (Subject subject : subjects) {
            String product = subject.product();
            if (!brokers.containsKey(product)) {
                Path own = directory.resolve(product);
                brokers.put(
                        product,
                        subject == Subject.KAFSCALE ? installation.startKafscale(own) : installation.startKafka(own));
            }
        }
    }

    /** Lets each broker do, unmeasured, a part of all that it is going to be measured with. */
    void warmUp() throws IOException, InterruptedException, ExecutionException {
        for (Workload workload : plan.warmUp()) {
            for (Subject subject : subjects) {
                if (subject != Subject.KAFKA_FLUSHING) {
                    measure(subject, workload);
                }
            }
        }
    }

    /** Measures every workload once; every other round begins with the other broker. */
    void round(int number) throws IOException, InterruptedException, ExecutionException {
        for (Workload workload : plan.workloads()) {
            for (Subject subject : number % 2 == 0 ? subjects : subjects.reversed()) {
                if (plan.includes(subject, workload)) {
                    results.accept(measure(subject, workload));
                }
            }
        }
    }

    private BrokerProcess broker(Subject subject) {
        BrokerProcess broker = brokers.get(subject.product());
        if (broker == null) {
            throw new IllegalStateException(subject + " has not been started");
        }
        return broker;
    }

    private Measurement measure(Subject subject, Workload workload)
            throws IOException, InterruptedException, ExecutionException {
        BrokerProcess broker = broker(subject);
        String topic = createTopic(broker, subject, workload.partitions());
        var produced = spending(broker, () -> tools.produce(broker.bootstrap(), topic, workload));
        var line = produced.answer();
        var producing = new Produced(
                megabytesPerSecond(line.recordsPerSecond(), workload), line.p50Ms(), line.p99Ms(), produced.spent());
        if (subject == Subject.KAFKA_FLUSHING || workload.isPaced()) {
            return new Measurement(subject, workload, producing, null);
        }
        return new Measurement(subject, workload, producing, consume(broker, topic, workload));
    }

    /** The mean of several readings: a single one takes less time than can be told from noise. */
    private Consumed consume(BrokerProcess broker, String topic, Workload workload)
            throws IOException, InterruptedException {
        int readings = plan.readings();
        var consumed = spending(broker, () -> {
            double seconds = 0;
            for (int i = 0; i < readings; i++) {
                seconds += workload.records() / tools.consume(broker.bootstrap(), topic, workload);
            }
            return readings * workload.records() / seconds;
        });
        Spent all = consumed.spent();
        return new Consumed(
                megabytesPerSecond(consumed.answer(), workload),
                new Spent(all.cpuSeconds() / readings, all.peakMebibytes()));
    }

    private static double megabytesPerSecond(double recordsPerSecond, Workload workload) {
        return recordsPerSecond * workload.recordBytes() / 1e6;
    }

    private String createTopic(BrokerProcess broker, Subject subject, int partitions)
            throws InterruptedException, ExecutionException {
        String name = "bench-" + topics++;
        var topic = new NewTopic(name, partitions, (short) 1);
        if (subject == Subject.KAFKA_FLUSHING) {
            topic.configs(Map.of(TopicConfig.FLUSH_MESSAGES_INTERVAL_CONFIG, "1"));
        }
        try (Admin admin = broker.admin()) {
            admin.createTopics(List.of(topic)).all().get();
        }
        return name;
    }

    /** A client's run. */
    private interface Run<T> {
        T run() throws IOException, InterruptedException;
    }

    private record Spending<T>(T answer, Spent spent) {}

    private static <T> Spending<T> spending(BrokerProcess broker, Run<T> run) throws IOException, InterruptedException {
        syncDisks();
        broker.awaitQuiet();
        broker.resetPeak();
        double before = broker.cpuSeconds();
        T answer = run.run();
        broker.awaitQuiet();
        return new Spending<>(answer, new Spent(broker.cpuSeconds() - before, broker.peakMebibytes()));
    }

    /** What one broker left in the page cache must not be written at the expense of the other. */
    private static void syncDisks() throws IOException, InterruptedException {
        new ProcessBuilder("sync").start().waitFor(30, TimeUnit.SECONDS);
    }

    /** Ends the brokers. Any thread. */
    void close() {
        brokers.values().forEach(BrokerProcess::close);
    }
}
