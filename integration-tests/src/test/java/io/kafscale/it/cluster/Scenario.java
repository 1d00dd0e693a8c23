package io.kafscale.it.cluster;

import static io.kafscale.it.client.Futures.get;

import io.kafscale.it.client.Lookup;
import io.kafscale.it.history.AckTimes;
import io.kafscale.it.history.Event;
import io.kafscale.it.history.History;
import io.kafscale.it.history.Rule;
import io.kafscale.it.history.Rules;
import io.kafscale.it.process.Directories;
import io.kafscale.it.workload.Workload;
import io.kafscale.it.workload.WorkloadPlan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;

/** A cluster, the clients that work on it, and the history of what they observe. Not thread-safe. */
public final class Scenario implements AutoCloseable {
    /** How long a deposed leader or coordinator may serve what is old. */
    public static final Duration STALENESS = Duration.ofSeconds(3);

    private final String name;
    private final ClusterUnderTest cluster;
    private final AckTimes ackTimes = new AckTimes();
    private final History history;
    private final Workload workload;
    private final Admin admin;

    private Scenario(String name, ClusterUnderTest cluster, int brokers, WorkloadPlan plan) {
        this.name = name;
        this.cluster = cluster;
        List<Rule> rules = new ArrayList<>(Rules.all(STALENESS));
        rules.add(ackTimes);
        this.history = new History(Directories.logs().resolve(name + ".history"), rules);
        this.workload = Workload.start(cluster.bootstrapServers(), brokers, plan, history);
        this.admin = workload.clients().admin();
    }

    /** Starts brokers 1 to {@code brokers} and the clients, and waits until all of them work. */
    public static Scenario start(String name, int brokers, WorkloadPlan plan) {
        return start(name, ClusterUnderTest.start(brokers), plan);
    }

    /** Starts the clients of a cluster, which belongs to the scenario from now on. */
    public static Scenario start(String name, ClusterUnderTest cluster, WorkloadPlan plan) {
        try {
            List<ClusterBroker> running =
                    cluster.brokers().stream().filter(ClusterBroker::isAlive).toList();
            var scenario = new Scenario(name, cluster, running.size(), plan);
            cluster.brokers().forEach(broker -> scenario.workload.probe(broker.id(), broker.port()));
            scenario.workload.awaitMembers();
            scenario.workload.awaitProgress();
            return scenario;
        } catch (RuntimeException | AssertionError failed) {
            cluster.close();
            throw failed;
        }
    }

    /** The cluster. */
    public ClusterUnderTest cluster() {
        return cluster;
    }

    /** The clients. */
    public Workload workload() {
        return workload;
    }

    /** What they observe. */
    public History history() {
        return history;
    }

    /** When records are acknowledged. */
    public AckTimes ackTimes() {
        return ackTimes;
    }

    /** Asks the cluster. */
    public Admin admin() {
        return admin;
    }

    /** Notes what is being done to the cluster. */
    public void note(String what) {
        history.add(new Event.Fault(what));
    }

    /** Who leads each partition, as the cluster says; a partition without a leader is absent. */
    public Map<Integer, Integer> leaders() {
        String topic = workload.topic().name();
        var description = Lookup.in(get(admin.describeTopics(List.of(topic)).allTopicNames()), topic);
        var leaders = new TreeMap<Integer, Integer>();
        for (TopicPartitionInfo partition : description.partitions()) {
            if (partition.leader() != null) {
                leaders.put(partition.partition(), partition.leader().id());
            }
        }
        return leaders;
    }

    /** The partitions that a broker leads. */
    public Set<Integer> ledBy(int broker) {
        var led = new TreeSet<Integer>();
        leaders().forEach((partition, leader) -> {
            if (leader == broker) {
                led.add(partition);
            }
        });
        return led;
    }

    /** Waits until somebody was told that this broker leads a partition, in its newest epoch. */
    public void awaitLeader(int partition, int broker) {
        history.await(broker + " leads partition " + partition, progress -> progress.leader(partition) == broker);
    }

    /** Waits until a broker acknowledges records, to whoever asks it directly. */
    public void awaitLeadership(ClusterBroker broker) {
        long before = history.read(progress -> progress.ackedBy(broker.id()));
        history.await(broker + " leads", progress -> progress.ackedBy(broker.id()) > before);
    }

    /** Tells the cluster that this broker is to lead a partition, and does not wait for it. */
    public void move(int partition, int broker) {
        note("move partition " + partition + " to broker " + broker);
        cluster.command("cluster", "move", workload.topic().name() + ":" + partition, "--to", Integer.toString(broker));
    }

    /** The same through Kafka's own API, without a process that takes time from the brokers. */
    public void reassign(int partition, int broker) {
        note("reassign partition " + partition + " to broker " + broker);
        var id = new TopicPartition(workload.topic().name(), partition);
        var target = new NewPartitionReassignment(List.of(broker));
        get(admin.alterPartitionReassignments(Map.of(id, Optional.of(target))).all());
    }

    /** SIGSTOP of a broker. */
    public void pause(ClusterBroker broker) {
        note("stop " + broker);
        broker.pause();
    }

    /** SIGCONT of a broker. */
    public void resume(ClusterBroker broker) {
        note("continue " + broker);
        history.add(new Event.Resumed(broker.id()));
        broker.resume();
    }

    /** Ends the load, waits until all is read, and lets the rules say their last word. */
    public void settle() {
        workload.settle(name);
        System.out.println(name + ": " + history);
    }

    @Override
    public void close() {
        try (cluster;
                history) {
            admin.close(Duration.ZERO);
            workload.close();
        }
    }
}
