package io.kafscale.it.workload;

import static io.kafscale.it.client.Futures.get;

import io.kafscale.it.client.Clients;
import io.kafscale.it.client.Lookup;
import io.kafscale.it.history.History;
import io.kafscale.it.history.Progress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartitionInfo;

/** All clients that work on one topic, in one history. Not thread-safe. */
public final class Workload implements AutoCloseable {
    private static final List<String> COMPRESSIONS = List.of("none", "lz4", "zstd");
    private static final List<String> PROTOCOLS = List.of("classic", "consumer");
    private static final int MOST_TOPICS = 50;
    private static final String FINAL_READER = "final-reader";

    private final Clients clients;
    private final TestTopic topic;
    private final History history;
    private final List<NumberedProducer> producers = new ArrayList<>();
    private final List<KcatProducer> kcats = new ArrayList<>();
    private final Map<String, AssignedReader> readers = new HashMap<>();
    private final Map<String, List<GroupReader>> groups = new HashMap<>();
    private final List<BrokerProbe> probes = new ArrayList<>();
    private final List<OffsetsInquirer> inquirers = new ArrayList<>();

    private Workload(Clients clients, TestTopic topic, History history) {
        this.clients = clients;
        this.topic = topic;
        this.history = history;
    }

    /** Creates the topic, of which each of {@code brokers} brokers leads something, and starts everybody. */
    public static Workload start(String bootstrapServers, int brokers, WorkloadPlan plan, History history) {
        var clients = new Clients(bootstrapServers);
        TestTopic topic = topicOfAll(clients, brokers, plan.partitions());
        var workload = new Workload(clients, topic, history);
        for (int i = 0; i < plan.readers(); i++) {
            workload.startReader("reader-" + i);
        }
        for (int i = 0; i < plan.producers(); i++) {
            workload.startProducer(
                    "producer-" + i,
                    plan.load().withSeed(plan.load().seed() + i),
                    Map.of("compression.type", COMPRESSIONS.get(i % COMPRESSIONS.size())));
        }
        if (plan.kcat()) {
            workload.kcats.add(KcatProducer.start(bootstrapServers, "kcat", topic, 0, plan.load(), history));
        }
        if (plan.members() > 0) {
            PROTOCOLS.forEach(protocol -> workload.startGroup(protocol, plan.members()));
            workload.inquirers.add(OffsetsInquirer.start(clients, List.copyOf(workload.groups.keySet()), history));
        }
        return workload;
    }

    /** Who leads what follows from the topic's id, so that another topic is led by others. */
    private static TestTopic topicOfAll(Clients clients, int brokers, int partitions) {
        try (Admin admin = clients.admin()) {
            for (int attempt = 0; attempt < MOST_TOPICS; attempt++) {
                var topic = new TestTopic(clients.topic(partitions), partitions);
                if (leaders(admin, topic) == brokers) {
                    return topic;
                }
            }
        }
        throw new AssertionError("not all of " + brokers + " brokers lead something of " + MOST_TOPICS + " topics");
    }

    private static long leaders(Admin admin, TestTopic topic) {
        return Lookup.in(get(admin.describeTopics(List.of(topic.name())).allTopicNames()), topic.name())
                .partitions()
                .stream()
                .map(TopicPartitionInfo::leader)
                .filter(Objects::nonNull)
                .map(Node::id)
                .distinct()
                .count();
    }

    /** One more producer. */
    public NumberedProducer startProducer(String name, Load load, Map<String, ?> settings) {
        var producer = NumberedProducer.start(clients, name, topic, load, history, settings);
        producers.add(producer);
        return producer;
    }

    private void startReader(String name) {
        readers.put(name, AssignedReader.start(clients, name, topic, history));
    }

    private void startGroup(String protocol, int size) {
        List<GroupReader> members = IntStream.range(0, size)
                .mapToObj(i -> GroupReader.start(clients, protocol + "-member-" + i, protocol, topic, history))
                .toList();
        groups.put(GroupReader.group(protocol), members);
    }

    /** Begins to ask the broker at this port directly. */
    public void probe(int broker, int port) {
        probes.add(BrokerProbe.start(broker, port, topic, history));
    }

    /** The topic. */
    public TestTopic topic() {
        return topic;
    }

    /** Clients of the cluster. */
    public Clients clients() {
        return clients;
    }

    /** The members of the group of this protocol. */
    public List<GroupReader> members(String protocol) {
        return groups.getOrDefault(GroupReader.group(protocol), List.of());
    }

    /** How many bytes of keys and values of Java's producers were acknowledged. */
    public long ackedBytes() {
        return producers.stream().mapToLong(NumberedProducer::ackedBytes).sum();
    }

    /** Waits until every member of every group gets records, so that there is no reason for another rebalance. */
    public void awaitMembers() {
        List<String> names = groups.values().stream()
                .flatMap(List::stream)
                .map(GroupReader::name)
                .toList();
        history.await(
                "every member gets records", progress -> names.stream().allMatch(name -> progress.readsBy(name) > 0));
    }

    /** Waits until more records are acknowledged, and everything that is there now is read and committed. */
    public void awaitProgress() {
        long acked = history.read(Progress::acked);
        history.await("records are acknowledged", progress -> progress.acked() > acked + topic.partitions());
        awaitCaughtUp(ends());
    }

    /**
     * Ends the load and waits, a minute for each step, until all of it is acknowledged, read by everybody and committed; then reads all
     * from the beginning once more and lets the rules say their last word.
     */
    public void settle(String context) {
        probes.forEach(BrokerProbe::close);
        producers.forEach(NumberedProducer::stopSending);
        kcats.forEach(KcatProducer::stopSending);
        history.await("everything that was sent is answered", progress -> progress.open() == 0);
        history.assertSound(context);
        Map<Integer, Long> ends = ends();
        awaitCaughtUp(ends);
        startReader(FINAL_READER);
        history.await("all is read once more", caughtUp(List.of(FINAL_READER), ends, Progress::position));
        history.finish();
        history.assertSound(context);
    }

    private Map<Integer, Long> ends() {
        var ends = new HashMap<Integer, Long>();
        try (KafkaConsumer<String, String> consumer = clients.reader()) {
            consumer.endOffsets(topic.all()).forEach((partition, end) -> ends.put(partition.partition(), end));
        }
        return ends;
    }

    private void awaitCaughtUp(Map<Integer, Long> ends) {
        history.await("readers have read all", caughtUp(readers.keySet(), ends, Progress::position));
        history.await("groups have committed all", caughtUp(groups.keySet(), ends, Progress::committed));
    }

    private static Predicate<Progress> caughtUp(Collection<String> who, Map<Integer, Long> ends, HowFar howFar) {
        List<String> names = List.copyOf(who);
        return progress -> ends.entrySet().stream()
                .allMatch(end ->
                        names.stream().allMatch(name -> howFar.ask(progress, name, end.getKey()) >= end.getValue()));
    }

    /** How far somebody has come in a partition. */
    private interface HowFar {
        long ask(Progress progress, String name, int partition);
    }

    @Override
    public void close() {
        probes.forEach(BrokerProbe::close);
        producers.forEach(NumberedProducer::close);
        kcats.forEach(KcatProducer::close);
        readers.values().forEach(AssignedReader::close);
        groups.values().forEach(members -> members.forEach(GroupReader::close));
        inquirers.forEach(OffsetsInquirer::close);
    }
}
