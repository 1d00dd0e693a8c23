package io.kafscale.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.wire.ListenerSettings;
import io.kafscale.wire.NetworkListener;
import io.kafscale.wire.ServerSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kafka's own clients with default settings, over a socket, with the real group coordinator. */
class UnmodifiedClientsTest {
    private TestCluster cluster;
    private TestGroups groups;
    private Broker broker;
    private String bootstrap;

    @BeforeEach
    void start() throws IOException {
        int port = freePort();
        cluster = new TestCluster(port);
        groups = new TestGroups(cluster);
        broker = Broker.start(
                ServerSettings.on(ListenerSettings.plaintext("127.0.0.1", port)),
                cluster.context(groups.host.operations()),
                NetworkListener.NONE);
        bootstrap = "127.0.0.1:" + broker.boundAddress().getPort();
    }

    @AfterEach
    void stop() {
        broker.close(Duration.ofMillis(100));
        groups.close();
        cluster.close();
        assertThat(cluster.loopFailures).isEmpty();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private KafkaProducer<String, String> producer(Map<String, Object> more) {
        Map<String, Object> config = new HashMap<>(more);
        config.put("bootstrap.servers", bootstrap);
        return new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
    }

    private KafkaConsumer<String, String> consumer(String protocol) {
        return new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrap,
                        "group.id",
                        "group-" + protocol,
                        "group.protocol",
                        protocol,
                        "auto.offset.reset",
                        "earliest"),
                new StringDeserializer(),
                new StringDeserializer());
    }

    private Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", bootstrap));
    }

    private static <T> T get(KafkaFuture<T> future) {
        return TestCluster.await(future.toCompletionStage());
    }

    private static <K, V> V at(Map<K, V> map, K key) {
        return Objects.requireNonNull(map.get(key), () -> "nothing for " + key);
    }

    private void produce(String topic, int count, Map<String, Object> config) throws Exception {
        try (var producer = producer(config)) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                sent.add(producer.send(new ProducerRecord<>(topic, "key-" + i, "value-" + i)));
            }
            for (Future<RecordMetadata> record : sent) {
                assertThat(record.get(10, TimeUnit.SECONDS).offset()).isNotNegative();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void aGroupReadsWhatAnIdempotentProducerWroteAndGoesOnFromItsCommittedOffset(String protocol) throws Exception {
        // The topic comes to be because the producer asks for it.
        produce("orders", 100, Map.of());
        try (var consumer = consumer(protocol)) {
            consumer.subscribe(List.of("orders"));
            assertThat(read(consumer, 100)).contains("value-0", "value-99").hasSize(100);
            consumer.commitSync(Duration.ofSeconds(10));
        }
        produce("orders", 3, Map.of("acks", "1"));
        try (var consumer = consumer(protocol)) {
            consumer.subscribe(List.of("orders"));
            assertThat(read(consumer, 3)).containsExactly("value-0", "value-1", "value-2");
        }
    }

    private static List<String> read(KafkaConsumer<String, String> consumer, int count) {
        List<String> values = new ArrayList<>();
        Instant deadline = Instant.now().plusSeconds(20);
        while (values.size() < count && Instant.now().isBefore(deadline)) {
            consumer.poll(Duration.ofMillis(200)).forEach(record -> values.add(record.value()));
        }
        return values;
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    void everyCompressionIsReadBack(String codec) throws Exception {
        produce("packed", 50, Map.of("compression.type", codec, "linger.ms", 20));
        try (var consumer = consumer("classic")) {
            consumer.subscribe(List.of("packed"));
            assertThat(read(consumer, 50)).hasSize(50);
        }
    }

    @Test
    void anUnacknowledgedProducerIsServedToo() throws Exception {
        produce("orders", 1, Map.of());
        try (var producer = producer(Map.of("acks", "0", "enable.idempotence", false))) {
            assertThat(producer.send(new ProducerRecord<>("orders", "no-ack"))
                            .get(10, TimeUnit.SECONDS)
                            .offset())
                    .isEqualTo(-1);
        }
        try (var consumer = consumer("classic")) {
            consumer.subscribe(List.of("orders"));
            assertThat(read(consumer, 2)).containsExactly("value-0", "no-ack");
        }
    }

    @Test
    void aTransactionalProducerFailsAtOnce() {
        try (var producer = producer(Map.of("transactional.id", "tx"))) {
            Instant begun = Instant.now();
            assertThatThrownBy(producer::initTransactions).isInstanceOf(TransactionalIdAuthorizationException.class);
            assertThat(Duration.between(begun, Instant.now())).isLessThan(Duration.ofSeconds(10));
        }
    }

    @Test
    void topicsAreCreatedDescribedGrownAndDeleted() {
        try (var admin = admin()) {
            get(admin.createTopics(List.of(new NewTopic("made", 3, (short) 3).configs(Map.of("retention.ms", "1000"))))
                    .all());
            var made = at(get(admin.describeTopics(List.of("made")).allTopicNames()), "made");
            assertThat(made.partitions()).hasSize(3).allSatisfy(partition -> {
                assertThat(partition.leader().id()).isEqualTo(TestCluster.NODE);
                assertThat(partition.replicas()).hasSize(1);
            });
            get(admin.createPartitions(Map.of("made", NewPartitions.increaseTo(5)))
                    .all());
            assertThat(at(get(admin.describeTopics(List.of("made")).allTopicNames()), "made")
                            .partitions())
                    .hasSize(5);
            assertThat(get(admin.listTopics().names())).containsExactly("made");
            get(admin.deleteTopics(List.of("made")).all());
            assertThat(get(admin.listTopics().names())).isEmpty();
        }
    }

    @Test
    void configsAreChangedAndRefusedWithAReason() {
        var topic = new ConfigResource(ConfigResource.Type.TOPIC, "tuned");
        try (var admin = admin()) {
            get(admin.createTopics(List.of(new NewTopic("tuned", Optional.empty(), Optional.empty())))
                    .all());
            get(admin.incrementalAlterConfigs(Map.of(
                            topic,
                            List.of(
                                    new AlterConfigOp(new ConfigEntry("retention.ms", "60000"), OpType.SET),
                                    new AlterConfigOp(new ConfigEntry("cleanup.policy", "compact"), OpType.APPEND))))
                    .all());
            Config config = at(get(admin.describeConfigs(List.of(topic)).all()), topic);
            assertThat(config.get("retention.ms").value()).isEqualTo("60000");
            assertThat(config.get("retention.ms").source()).isEqualTo(ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG);
            assertThat(config.get("cleanup.policy").value()).isEqualTo("delete,compact");
            assertThat(config.get("segment.ms").isDefault()).isTrue();
            assertThatThrownBy(() -> admin.incrementalAlterConfigs(Map.of(
                                    topic,
                                    List.of(new AlterConfigOp(
                                            new ConfigEntry("compression.type", "gzip"), OpType.SET))))
                            .all()
                            .get(10, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(InvalidConfigurationException.class)
                    .hasMessageContaining("never recompressed");
        }
    }

    @Test
    void toolsSeeOffsetsGroupsAndSizes() throws Exception {
        produce("orders", 10, Map.of());
        var partition = new TopicPartition("orders", 0);
        try (var consumer = consumer("classic");
                var admin = admin()) {
            consumer.subscribe(List.of("orders"));
            assertThat(read(consumer, 10)).hasSize(10);
            consumer.commitSync(Duration.ofSeconds(10));
            assertThat(at(
                                    get(admin.listOffsets(Map.of(partition, OffsetSpec.latest()))
                                            .all()),
                                    partition)
                            .offset())
                    .isEqualTo(10);
            assertThat(at(
                                    get(admin.listOffsets(Map.of(partition, OffsetSpec.forTimestamp(0)))
                                            .all()),
                                    partition)
                            .offset())
                    .isZero();
            assertThat(at(
                                    get(admin.listConsumerGroupOffsets("group-classic")
                                            .partitionsToOffsetAndMetadata()),
                                    partition)
                            .offset())
                    .isEqualTo(10);
            assertThat(at(
                                    get(admin.describeConsumerGroups(List.of("group-classic"))
                                            .all()),
                                    "group-classic")
                            .members())
                    .hasSize(1);
            assertThat(get(admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(4)))
                            .all()))
                    .isNull();
            assertThat(at(
                                    get(admin.listOffsets(Map.of(partition, OffsetSpec.earliest()))
                                            .all()),
                                    partition)
                            .offset())
                    .isEqualTo(4);
            var dirs = at(get(admin.describeLogDirs(List.of(TestCluster.NODE)).allDescriptions()), TestCluster.NODE);
            assertThat(dirs).containsOnlyKeys("memory:");
            assertThat(at(at(dirs, "memory:").replicaInfos(), partition).size()).isPositive();
            assertThat(at(get(admin.describeProducers(Set.of(partition)).all()), partition)
                            .activeProducers())
                    .hasSize(1);
            assertThat(get(admin.describeCluster().clusterId())).isEqualTo(TestCluster.CLUSTER_ID);
        }
    }
}
