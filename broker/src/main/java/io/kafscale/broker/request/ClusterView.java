package io.kafscale.broker.request;

import io.kafscale.metastore.cluster.BrokerRegistration;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.GroupConfigRecord;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.TopicRecord;
import io.kafscale.metastore.cluster.Versioned;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.Uuid;

/** A cluster image in Kafka's terms. Immutable, any thread. */
public record ClusterView(ClusterImage image) {
    /**
     * Who leads a partition.
     *
     * @param brokerId -1 if nobody does, or nobody alive
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

    /** Who leads a partition. */
    public Leader leader(PartitionId partition) {
        return image.partition(partition)
                .map(record -> leaderOf(record.value()))
                .orElse(Leader.NONE);
    }

    private Leader leaderOf(PartitionRecord record) {
        var incarnation = record.leader();
        int alive = incarnation != null && image.isRegistered(incarnation) ? incarnation.brokerId() : -1;
        return new Leader(alive, record.leaderEpoch());
    }

    /** A live broker, as clients reach it. */
    public Optional<Node> node(int brokerId) {
        return Optional.ofNullable(image.brokers().get(brokerId))
                .map(Versioned::value)
                .map(ClusterView::node);
    }

    /** All live brokers, by id. */
    public List<Node> nodes() {
        return image.brokers().values().stream()
                .map(Versioned::value)
                .map(ClusterView::node)
                .sorted(Comparator.comparingInt(Node::id))
                .toList();
    }

    /** The broker that clients are told to send admin requests to: any would do, so the first. -1 if there is none. */
    public int controllerId() {
        return nodes().stream().mapToInt(Node::id).findFirst().orElse(-1);
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
