package io.kafscale.broker.request;

import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.BrokerRegistration;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.GroupConfigRecord;
import io.kafscale.metastore.cluster.LeadershipPlan;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.TopicRecord;
import io.kafscale.metastore.cluster.Versioned;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.Uuid;

/** A cluster image in Kafka's terms. Immutable, any thread. */
public record ClusterView(ClusterImage image) {
    /**
     * Who leads a partition.
     *
     * @param brokerId -1 if nobody does, or nobody that clients can reach
     * @param epoch -1 if nobody ever did
     */
    public record Leader(int brokerId, int epoch) {
        /** Nobody, ever. */
        public static final Leader NONE = new Leader(-1, -1);

        /** Whether there is one. */
        public boolean available() {
            return brokerId >= 0;
        }
    }

    /** The topic of this name. */
    public Optional<TopicRecord> topic(String name) {
        return image.topic(name).map(Versioned::value);
    }

    /** The topic of this id. */
    public Optional<TopicRecord> topic(Uuid id) {
        return image.topic(toJava(id)).map(Versioned::value);
    }

    /** The topic a request means: by its id where there is one, else by name. */
    public Optional<TopicRecord> topic(Uuid id, String name) {
        return id.equals(Uuid.ZERO_UUID) ? topic(name) : topic(id);
    }

    /** All topics, by name. */
    public List<TopicRecord> topics() {
        return image.topics().stream()
                .map(Versioned::value)
                .sorted(Comparator.comparing(TopicRecord::name))
                .toList();
    }

    /** What is set for a consumer group. */
    public Map<String, String> groupConfigs(String group) {
        Versioned<GroupConfigRecord> set = image.groupConfigs().get(group);
        return set == null ? Map.of() : set.value().configs();
    }

    /** The name of a partition in the log, if the topic has it. */
    public static Optional<PartitionId> partition(TopicRecord topic, int partition) {
        return partition >= 0 && partition < topic.partitions()
                ? Optional.of(new PartitionId(topic.id(), partition))
                : Optional.empty();
    }

    /** Who leads a partition now. */
    public Leader leader(PartitionId partition) {
        return image.partition(partition)
                .map(record -> leaderOf(record.value()))
                .orElse(Leader.NONE);
    }

    private Leader leaderOf(PartitionRecord record) {
        BrokerIncarnation leader = record.leader();
        return leader != null && image.isRegistered(leader) && isOpen(leader)
                ? new Leader(leader.brokerId(), record.leaderEpoch())
                : new Leader(-1, record.leaderEpoch());
    }

    /**
     * The id of the broker that is about to lead a partition which nobody leads any more. Producers that are told come to it at once
     * and wait there for its first epoch, instead of asking again and again who leads.
     */
    public OptionalInt nextLeader(PartitionId partition) {
        Leader leader = leader(partition);
        if (leader.available() || leader.epoch() < 0) {
            return OptionalInt.empty();
        }
        return plan().leaderOf(partition).filter(image::isServing).map(BrokerIncarnation::brokerId).stream()
                .mapToInt(Integer::intValue)
                .findFirst();
    }

    /** The id of the broker that keeps a partition's place: its leader, or the one that should become it. -1 if nobody is there. */
    public int replica(PartitionId partition) {
        Leader leader = leader(partition);
        return leader.available()
                ? leader.brokerId()
                : plan().leaderOf(partition).map(BrokerIncarnation::brokerId).orElse(-1);
    }

    /** A broker that clients may come to, as they reach it. */
    public Optional<Node> node(int brokerId) {
        return Optional.ofNullable(image.brokers().get(brokerId))
                .map(Versioned::value)
                .filter(broker -> isOpen(broker.incarnation()))
                .map(ClusterView::node);
    }

    /** All brokers that clients may come to, by id. */
    public List<Node> nodes() {
        return image.brokers().values().stream()
                .map(Versioned::value)
                .filter(broker -> isOpen(broker.incarnation()))
                .map(ClusterView::node)
                .sorted(Comparator.comparingInt(Node::id))
                .toList();
    }

    /**
     * Whether a registered broker has opened its door to clients. One that is draining has; while nobody has, those that are starting
     * are the ones to come to.
     */
    private boolean isOpen(BrokerIncarnation broker) {
        return isPastStart(broker)
                || image.brokers().values().stream()
                        .noneMatch(other -> isPastStart(other.value().incarnation()));
    }

    private boolean isPastStart(BrokerIncarnation broker) {
        return image.isServing(broker) || image.isDraining(broker);
    }

    /** Who should lead and coordinate what. */
    public LeadershipPlan plan() {
        return LeadershipPlan.of(image);
    }

    /** The broker that clients are told to send admin requests to, though any would do. -1 if there is none. */
    public int controllerId() {
        return plan().controller().map(BrokerIncarnation::brokerId).orElse(-1);
    }

    /** Where clients find the coordinator of a shard of the consumer groups. */
    public Optional<Node> coordinator(int shard) {
        return plan().coordinatorOf(shard).flatMap(broker -> node(broker.brokerId()));
    }

    private static Node node(BrokerRegistration broker) {
        return new Node(broker.incarnation().brokerId(), broker.host(), broker.port(), broker.rack());
    }

    /** A topic id in Kafka's type. */
    public static Uuid toKafka(UUID id) {
        return new Uuid(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }

    /** A topic id in Java's type. */
    public static UUID toJava(Uuid id) {
        return new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }
}
