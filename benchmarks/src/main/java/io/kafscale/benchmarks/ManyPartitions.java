package io.kafscale.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The program behind {@code make bench-partitions}: what many partitions cost a cluster of three brokers with an etcd and an S3 server
 * on this machine. Runs in the project's root directory, prints Markdown, leaves nothing behind.
 */
final class ManyPartitions {
    private static final int TOPICS = 10;
    private static final int METADATA_REQUESTS = 20;
    /** What is planned for a broker is not exactly as much as for every other. */
    private static final double SHARE = 0.9;

    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);
    private static final Duration QUIET_LIMIT = Duration.ofMinutes(3);

    private final int partitions;
    private final Duration idle;
    private final List<String> rows = new ArrayList<>();

    private ManyPartitions(int partitions, Duration idle) {
        this.partitions = partitions;
        this.idle = idle;
    }

    /** Arguments: how many partitions, 10,000 unless given, and how many seconds to watch the idle cluster, 60 unless given. */
    public static void main(String[] arguments) throws IOException, InterruptedException, ExecutionException {
        int partitions = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 10_000;
        int idleSeconds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 60;
        Path directory = Files.createTempDirectory(Path.of("benchmarks/target"), "partitions-")
                .toAbsolutePath();
        try {
            new ManyPartitions(partitions / TOPICS * TOPICS, Duration.ofSeconds(idleSeconds)).measure(directory);
        } finally {
            Thread.interrupted(); // whoever interrupts the benchmark wants it to end, but in order
            WorkDirectory.delete(directory);
        }
    }

    private void measure(Path directory) throws IOException, InterruptedException, ExecutionException {
        try (var cluster = ClusterProcesses.start(directory)) {
            measureIdle(cluster, "No partitions, idle");
            row(
                    "Creating %d topics of %d partitions, until all are led".formatted(TOPICS, partitions / TOPICS),
                    create(cluster));
            measureMetadata(cluster);
            measureIdle(cluster, "Idle");
            long start = System.nanoTime();
            cluster.broker(2).destroyForcibly();
            row(
                    "`kill -9` of one broker, until all partitions are led by the others",
                    untilLed(cluster, List.of(2), 0, start));
        }
        // Everything comes back: what is counted begins when the stores are there.
        try (var cluster = ClusterProcesses.start(directory)) {
            long start = cluster.brokersBegunNanos();
            row(
                    "Starting all brokers, until they are ready, all partitions being served",
                    Duration.ofNanos(cluster.readyNanos() - start));
            row(
                    "Starting all brokers, until each of them leads its share",
                    untilLed(
                            cluster,
                            List.of(),
                            (int) (SHARE * partitions / cluster.brokers().size()),
                            start));
            measureMetadata(cluster);
            measureIdle(cluster, "Idle after the restart");
        }
        System.out.println();
        System.out.println("| " + partitions + " partitions, three brokers of " + ClusterProcesses.HEAP + " heap | |");
        System.out.println("|---|---|");
        rows.forEach(System.out::println);
    }

    private void row(String what, String figure) {
        rows.add("| " + what + " | " + figure + " |");
        System.out.println("  " + what + ": " + figure);
    }

    private void row(String what, Duration taken) {
        row(what, String.format(Locale.ROOT, "%.1f s", taken.toMillis() / 1e3));
    }

    private Duration create(ClusterProcesses cluster) throws InterruptedException, ExecutionException {
        long start = System.nanoTime();
        try (Admin admin = cluster.admin()) {
            admin.createTopics(IntStream.range(0, TOPICS)
                            .mapToObj(number -> new NewTopic("many-" + number, partitions / TOPICS, (short) 1))
                            .toList())
                    .all()
                    .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException late) {
            throw new IllegalStateException("the topics are not there after " + LIMIT, late);
        }
        return untilLed(cluster, List.of(), 0, start);
    }

    /** Until every partition has a leader, none of them one of the {@code dead}, and each broker leads so many at least. */
    private Duration untilLed(ClusterProcesses cluster, List<Integer> dead, int least, long startNanos)
            throws InterruptedException, ExecutionException {
        List<String> names =
                IntStream.range(0, TOPICS).mapToObj(number -> "many-" + number).toList();
        try (Admin admin = cluster.admin()) {
            while (true) {
                Map<String, TopicDescription> topics = Map.of();
                try {
                    topics = admin.describeTopics(names).allTopicNames().get();
                } catch (ExecutionException notYet) {
                    if (!(notYet.getCause() instanceof RetriableException)) {
                        throw notYet;
                    }
                }
                Map<Integer, Long> led = topics.values().stream()
                        .flatMap(topic -> topic.partitions().stream())
                        .map(TopicPartitionInfo::leader)
                        .filter(leader -> leader != null && !dead.contains(leader.id()))
                        .collect(Collectors.groupingBy(Node::id, Collectors.counting()));
                long all = led.values().stream().mapToLong(Long::longValue).sum();
                boolean shared = led.size() == cluster.brokers().size()
                        && led.values().stream().allMatch(each -> each >= least);
                var taken = Duration.ofNanos(System.nanoTime() - startNanos);
                if (all == partitions && (least == 0 || shared)) {
                    return taken;
                }
                if (taken.compareTo(LIMIT) > 0) {
                    throw new IllegalStateException("only these are led after " + LIMIT + ", by broker: " + led);
                }
                TimeUnit.NANOSECONDS.sleep(LOOK_AGAIN.toNanos());
            }
        }
    }

    private void measureMetadata(ClusterProcesses cluster) {
        var settings = Map.<String, Object>of("bootstrap.servers", cluster.bootstrap());
        var taken = new ArrayList<Long>();
        try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            for (int i = 0; i <= METADATA_REQUESTS; i++) {
                long start = System.nanoTime();
                int seen = consumer.listTopics(LIMIT).values().stream()
                        .mapToInt(List::size)
                        .sum();
                taken.add(System.nanoTime() - start);
                if (seen < partitions) {
                    throw new IllegalStateException("Metadata tells of " + seen + " partitions only");
                }
            }
        }
        taken.removeFirst(); // connects
        taken.sort(null);
        row(
                "Metadata of all topics, with Kafka's consumer",
                String.format(
                        Locale.ROOT,
                        "median %.0f ms, worst %.0f ms of %d",
                        taken.get(taken.size() / 2) / 1e6,
                        taken.getLast() / 1e6,
                        taken.size()));
    }

    private void measureIdle(ClusterProcesses cluster, String when) throws IOException, InterruptedException {
        cluster.awaitQuiet(QUIET_LIMIT);
        EtcdFigures before = cluster.etcdFigures();
        List<Double> cpuBefore = perBroker(cluster, BrokerFigures::cpuSeconds);
        long start = System.nanoTime();
        TimeUnit.NANOSECONDS.sleep(idle.toNanos());
        List<Double> cpuAfter = perBroker(cluster, BrokerFigures::cpuSeconds);
        EtcdFigures after = cluster.etcdFigures();
        double seconds = (System.nanoTime() - start) / 1e9;
        List<Double> shares = IntStream.range(0, cpuBefore.size())
                .mapToObj(i -> 100 * (cpuAfter.get(i) - cpuBefore.get(i)) / seconds)
                .toList();
        row(when + ": CPU of each broker, share of one core", joined("%.1f %%", shares));
        List<Double> heaps = new ArrayList<>();
        for (ProcessHandle broker : cluster.brokers()) {
            heaps.add(BrokerFigures.liveHeapMebibytes(broker));
        }
        row(when + ": live heap of each broker", joined("%.0f MiB", heaps));
        row(
                when + ": etcd",
                String.format(
                        Locale.ROOT,
                        "%.1f MiB, %.1f MiB of them in use; %.2f writes/s",
                        after.databaseMebibytes(),
                        after.inUseMebibytes(),
                        (after.revision() - before.revision()) / seconds));
    }

    private static List<Double> perBroker(ClusterProcesses cluster, ToDoubleFunction<ProcessHandle> figure) {
        return cluster.brokers().stream().map(figure::applyAsDouble).toList();
    }

    private static String joined(String format, List<Double> figures) {
        return String.join(
                ", ",
                figures.stream()
                        .map(figure -> String.format(Locale.ROOT, format, figure))
                        .toList());
    }
}
