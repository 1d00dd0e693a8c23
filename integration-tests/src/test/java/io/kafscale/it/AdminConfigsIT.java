package io.kafscale.it;

import static io.kafscale.it.client.Futures.failure;
import static io.kafscale.it.client.Futures.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.it.broker.BrokerUnderTest;
import io.kafscale.it.broker.OnEmbeddedStorage;
import io.kafscale.it.broker.OnlyKafscale;
import io.kafscale.it.client.Clients;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.AlterConfigsOptions;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConfigEntry.ConfigSource;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the admin client does with configs. */
@OnEmbeddedStorage
class AdminConfigsIT {
    private final Clients clients;
    private final Admin admin;

    AdminConfigsIT(BrokerUnderTest broker) {
        this.clients = new Clients(broker);
        this.admin = clients.admin();
    }

    @AfterEach
    void closeClient() {
        admin.close();
    }

    @Test
    void configsOfATopicSayWhereTheyComeFrom() {
        // Given
        String topic = clients.topic(1, Map.of("retention.ms", "3600000"));
        // When
        Config configs = describe(topic);
        // Then
        assertThat(configs.get("retention.ms").value()).isEqualTo("3600000");
        assertThat(configs.get("retention.ms").source()).isEqualTo(ConfigSource.DYNAMIC_TOPIC_CONFIG);
        assertThat(configs.get("retention.ms").isDefault()).isFalse();
        assertThat(configs.get("cleanup.policy").value()).isEqualTo("delete");
        assertThat(configs.get("cleanup.policy").source()).isEqualTo(ConfigSource.DEFAULT_CONFIG);
        assertThat(configs.get("max.message.bytes").value()).isEqualTo("1048588");
        assertThat(configs.get("compression.type").value()).isEqualTo("producer");
    }

    @Test
    void configsAreSetAppendedSubtractedAndDeleted() {
        // Given
        String topic = clients.topic(1);
        // When / Then
        alter(topic, "retention.ms", "7200000", OpType.SET);
        assertThat(value(topic, "retention.ms")).isEqualTo("7200000");
        alter(topic, "cleanup.policy", "compact", OpType.APPEND);
        assertThat(value(topic, "cleanup.policy").split(",")).containsExactlyInAnyOrder("delete", "compact");
        alter(topic, "cleanup.policy", "delete", OpType.SUBTRACT);
        assertThat(value(topic, "cleanup.policy")).isEqualTo("compact");
        alter(topic, "retention.ms", null, OpType.DELETE);
        assertThat(value(topic, "retention.ms")).isEqualTo("604800000");
        assertThat(value(topic, "cleanup.policy")).isEqualTo("compact");
    }

    @ParameterizedTest
    @CsvSource({
        "retention.ms, tomorrow",
        "retention.ms, -2",
        "cleanup.policy, shred",
        "message.timestamp.type, Whenever",
        "max.message.bytes, -1",
        "segment.bytes, many",
        "no.such.config, 1"
    })
    void aConfigThatKafkaWouldRefuseIsRefused(String key, String value) {
        // Given
        String topic = clients.topic(1);
        // When / Then
        failure(incremental(topic, key, value, OpType.SET, false), InvalidConfigurationException.class);
        assertThat(describe(topic).entries())
                .filteredOn(entry -> entry.source() == ConfigSource.DYNAMIC_TOPIC_CONFIG)
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"compression.type, zstd", "remote.storage.enable, true"})
    @OnlyKafscale
    void aConfigThatWeWouldHaveToIgnoreIsRefused(String key, String value) {
        // Given
        String topic = clients.topic(1);
        // When / Then
        var refused = failure(incremental(topic, key, value, OpType.SET, false), InvalidConfigurationException.class);
        assertThat(refused).hasMessageContaining(key);
    }

    @Test
    void anAlterationThatIsOnlyValidatedAltersNothing() {
        // Given
        String topic = clients.topic(1);
        // When
        get(incremental(topic, "retention.ms", "1000", OpType.SET, true));
        // Then
        assertThat(value(topic, "retention.ms")).isEqualTo("604800000");
    }

    @Test
    void aNewLimitIsInForceAtOnce() {
        // Given
        String topic = clients.topic(1);
        try (var producer = clients.producer()) {
            get(producer.send(new ProducerRecord<>(topic, "x".repeat(50_000))));
            // When
            alter(topic, "max.message.bytes", "10000", OpType.SET);
            // Then
            failure(producer.send(new ProducerRecord<>(topic, "x".repeat(50_000))), RecordTooLargeException.class);
        }
    }

    @Test
    void theBrokerTellsItsOwnConfigs() {
        // Given
        var broker = new ConfigResource(ConfigResource.Type.BROKER, "1");
        // When
        Config configs = get(admin.describeConfigs(List.of(broker)).all()).get(broker);
        // Then
        assertThat(configs.entries()).extracting(ConfigEntry::name).contains("message.max.bytes", "num.partitions");
        assertThat(configs.get("num.partitions").value()).isEqualTo("1");
    }

    @Test
    void configsOfATopicThatIsNotThereAreAnError() {
        // Given
        var missing = new ConfigResource(ConfigResource.Type.TOPIC, "no-such-topic");
        // When / Then
        failure(admin.describeConfigs(List.of(missing)).all(), UnknownTopicOrPartitionException.class);
        failure(
                incremental("no-such-topic", "retention.ms", "1000", OpType.SET, false),
                UnknownTopicOrPartitionException.class);
    }

    private void alter(String topic, String key, @Nullable String value, OpType operation) {
        get(incremental(topic, key, value, operation, false));
    }

    private KafkaFuture<Void> incremental(
            String topic, String key, @Nullable String value, OpType operation, boolean validateOnly) {
        var operations = List.of(new AlterConfigOp(new ConfigEntry(key, value), operation));
        var options = new AlterConfigsOptions().validateOnly(validateOnly);
        return admin.incrementalAlterConfigs(Map.of(resource(topic), operations), options)
                .all();
    }

    private String value(String topic, String key) {
        return describe(topic).get(key).value();
    }

    private Config describe(String topic) {
        return get(admin.describeConfigs(List.of(resource(topic))).all()).get(resource(topic));
    }

    private static ConfigResource resource(String topic) {
        return new ConfigResource(ConfigResource.Type.TOPIC, topic);
    }
}
