package io.kafscale.it.client;

import io.kafscale.it.broker.BrokerUnderTest;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Makes Kafka's Java clients for a broker, with default settings but for what a test names. Thread-safe. */
public final class Clients {
    private static final Duration LEADERS = Duration.ofSeconds(30);
    private static final AtomicInteger NAMES = new AtomicInteger();

    private final String bootstrapServers;
    private final boolean leadersComeLater;

    /** Clients of {@code broker}. */
    public Clients(BrokerUnderTest broker) {
        this.bootstrapServers = broker.bootstrapServers();
        this.leadersComeLater = broker.isApacheKafka();
    }

    /** Clients of a cluster of ours. */
    public Clients(String bootstrapServers) {
        this.bootstrapServers = bootstrapServers;
        this.leadersComeLater = false;
    }

    /** A name that nothing else has. */
    public static String unique(String prefix) {
        return prefix + "-" + NAMES.incrementAndGet();
    }

    /** A producer with default settings. */
    public KafkaProducer<String, String> producer() {
        return producer(Map.of());
    }

    /** A producer with these settings. */
    public KafkaProducer<String, String> producer(Map<String, ?> settings) {
        return new KafkaProducer<>(withBootstrap(settings), new StringSerializer(), new StringSerializer());
    }

    /** A consumer without a group that assigns itself partitions, and starts at their beginning. */
    public KafkaConsumer<String, String> reader() {
        return consumer(Map.of("auto.offset.reset", "earliest"));
    }

    /** A member of {@code group} that starts at the beginning where the group has no offset. */
    public KafkaConsumer<String, String> member(String group) {
        return consumer(Map.of("group.id", group, "auto.offset.reset", "earliest"));
    }

    /** A consumer with these settings. */
    public KafkaConsumer<String, String> consumer(Map<String, ?> settings) {
        return new KafkaConsumer<>(withBootstrap(settings), new StringDeserializer(), new StringDeserializer());
    }

    /** An admin client with default settings. */
    public Admin admin() {
        return Admin.create(withBootstrap(Map.of()));
    }

    /** Creates a topic and returns its name. */
    public String topic(int partitions) {
        return topic(partitions, Map.of());
    }

    /** Creates a topic with these configs and returns its name. */
    public String topic(int partitions, Map<String, String> configs) {
        String name = unique("topic");
        create(new NewTopic(name, partitions, (short) 1).configs(configs));
        return name;
    }

    /** Creates a topic. */
    public void create(NewTopic topic) {
        try (Admin admin = admin()) {
            Futures.get(admin.createTopics(List.of(topic)).all());
            if (leadersComeLater) {
                awaitLeaders(admin, topic);
            }
        }
    }

    /**
     * Apache Kafka answers before the partitions have leaders. A producer with several requests in flight can lose its first batch to
     * that and have the second accepted, after which the first is out of sequence for ever.
     */
    private static void awaitLeaders(Admin admin, NewTopic topic) {
        var latest = new HashMap<TopicPartition, OffsetSpec>();
        Polling.partitions(topic.name(), topic.numPartitions())
                .forEach(partition -> latest.put(partition, OffsetSpec.latest()));
        Instant deadline = Instant.now().plus(LEADERS);
        while (!isAnswered(admin, latest)) {
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError("no leaders of " + topic + " within " + LEADERS);
            }
        }
    }

    private static boolean isAnswered(Admin admin, Map<TopicPartition, OffsetSpec> specs) {
        try {
            Futures.get(admin.listOffsets(specs).all());
            return true;
        } catch (AssertionError notYet) {
            if (notYet.getCause() instanceof UnknownTopicOrPartitionException) {
                return false;
            }
            throw notYet;
        }
    }

    private Map<String, Object> withBootstrap(Map<String, ?> settings) {
        var all = new HashMap<String, Object>(settings);
        all.put("bootstrap.servers", bootstrapServers);
        return all;
    }
}
