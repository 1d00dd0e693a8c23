package io.kafscale.it;

import static io.kafscale.it.client.Futures.failure;
import static io.kafscale.it.client.Futures.get;
import static io.kafscale.it.client.Lookup.in;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.it.broker.BrokerUnderTest;
import io.kafscale.it.broker.OnEmbeddedStorage;
import io.kafscale.it.broker.OnlyKafscale;
import io.kafscale.it.client.Clients;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConfigEntry.ConfigSource;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is set for single consumer groups is kept, shown and honoured. */
@OnEmbeddedStorage
class GroupConfigsIT {
    private static final String SESSION = "consumer.session.timeout.ms";
    private static final String HEARTBEAT = "consumer.heartbeat.interval.ms";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final BrokerUnderTest broker;
    private final Clients clients;
    private final Admin admin;
    private final String group = "group/" + UUID.randomUUID();

    GroupConfigsIT(BrokerUnderTest broker) {
        this.broker = broker;
        this.clients = new Clients(broker);
        this.admin = clients.admin();
    }

    @AfterEach
    void closeClient() {
        admin.close();
    }

    private static ConfigResource resource(String group) {
        return new ConfigResource(ConfigResource.Type.GROUP, group);
    }

    private KafkaFuture<Void> alter(String of, OpType operation, String name, String value) {
        return admin.incrementalAlterConfigs(
                        Map.of(resource(of), List.of(new AlterConfigOp(new ConfigEntry(name, value), operation))))
                .all();
    }

    private ConfigEntry describe(String name) {
        return in(get(admin.describeConfigs(List.of(resource(group))).all()), resource(group))
                .get(name);
    }

    /** Kafka's broker learns from its controller a moment after the answer. */
    private ConfigEntry shown(String name, String value) {
        Instant deadline = Instant.now().plus(PATIENCE);
        ConfigEntry entry = describe(name);
        while (!entry.value().equals(value) && Instant.now().isBefore(deadline)) {
            entry = describe(name);
        }
        return entry;
    }

    @Test
    void aGroupHasWhatTheBrokerHasUntilSomethingIsSetForIt() {
        // Given
        ConfigEntry before = describe(SESSION);
        assertThat(before.value()).isEqualTo("45000");
        assertThat(before.source()).isEqualTo(ConfigSource.DEFAULT_CONFIG);
        assertThat(before.type()).isEqualTo(ConfigEntry.ConfigType.INT);
        // When
        get(alter(group, OpType.SET, SESSION, "50000"));
        // Then
        ConfigEntry set = shown(SESSION, "50000");
        assertThat(set.value()).isEqualTo("50000");
        assertThat(set.source()).isEqualTo(ConfigSource.DYNAMIC_GROUP_CONFIG);
        assertThat(describe(HEARTBEAT).source()).isEqualTo(ConfigSource.DEFAULT_CONFIG);
        // When
        get(alter(group, OpType.DELETE, SESSION, ""));
        // Then
        assertThat(shown(SESSION, "45000").source()).isEqualTo(ConfigSource.DEFAULT_CONFIG);
    }

    @Test
    void aGroupKeepsAndHonoursWhatWasSetForItOverARestart() {
        // Given
        String topic = clients.topic(1);
        get(alter(group, OpType.SET, HEARTBEAT, "7000"));
        assertThat(shown(HEARTBEAT, "7000").value()).isEqualTo("7000");
        assertThat(heartbeatIntervalTold(topic)).isEqualTo(7_000);
        // When
        broker.stop();
        broker.start();
        // Then
        assertThat(shown(HEARTBEAT, "7000").source()).isEqualTo(ConfigSource.DYNAMIC_GROUP_CONFIG);
        assertThat(heartbeatIntervalTold(topic)).isEqualTo(7_000);
    }

    /** What a new member is told, once the group has a coordinator. */
    private int heartbeatIntervalTold(String topic) {
        get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
        var request = new ConsumerGroupHeartbeatRequestData()
                .setGroupId(group)
                .setMemberId(Uuid.randomUuid().toString())
                .setMemberEpoch(0)
                .setRebalanceTimeoutMs(30_000)
                .setSubscribedTopicNames(List.of(topic))
                .setTopicPartitions(List.of());
        try (var connection = RawConnection.open(broker)) {
            var answer = connection.call(
                    ApiKeys.CONSUMER_GROUP_HEARTBEAT, 1, request, ConsumerGroupHeartbeatResponseData.class);
            assertThat(Errors.forCode(answer.errorCode())).isEqualTo(Errors.NONE);
            return answer.heartbeatIntervalMs();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "consumer.session.timeout.ms, 5, must be greater than or equal to group.consumer.min.session.timeout.ms",
        "consumer.heartbeat.interval.ms, 50001, must be less than or equal to group.consumer.max.heartbeat.interval.ms",
        "consumer.session.timeout.ms, soon, Not a number of type INT",
        "no.such.config, 5, Unknown group config name: no.such.config"
    })
    void aValueThatAGroupCannotHaveIsRefused(String name, String value, String why) {
        assertThat(failure(alter(group, OpType.SET, name, value), InvalidConfigurationException.class))
                .hasMessageContaining(why);
    }

    @Test
    void onlyListsGrow() {
        assertThat(failure(alter(group, OpType.APPEND, SESSION, "5"), InvalidConfigurationException.class))
                .hasMessage("Can't APPEND to key " + SESSION + " because its type is not LIST.");
    }

    @Test
    void thereAreNoConfigsOfAllGroups() {
        assertThat(failure(alter("", OpType.SET, SESSION, "50000"), InvalidRequestException.class))
                .hasMessage("Default group resources are not allowed.");
        assertThat(failure(admin.describeConfigs(List.of(resource(""))).all(), InvalidRequestException.class))
                .hasMessage("Group name must not be empty");
    }

    /** Kafka takes them, since it serves such groups. */
    @ParameterizedTest
    @CsvSource({"share.auto.offset.reset, earliest", "streams.num.standby.replicas, 1"})
    @OnlyKafscale
    void configsOfGroupsThatAreNotServedAreRefused(String name, String value) {
        assertThat(failure(alter(group, OpType.SET, name, value), InvalidConfigurationException.class))
                .hasMessageContaining("serves no groups");
    }
}
