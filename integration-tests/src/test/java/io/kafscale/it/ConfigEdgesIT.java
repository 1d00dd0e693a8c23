package io.kafscale.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.it.broker.BrokerUnderTest;
import io.kafscale.it.broker.OnEmbeddedStorage;
import io.kafscale.it.broker.OnlyKafscale;
import io.kafscale.it.client.Clients;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.AlterConfigsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Changes of configs that Kafka's own admin client does not ask for are answered as Kafka answers them. */
@OnEmbeddedStorage
class ConfigEdgesIT {
    private static final byte TOPIC = ConfigResource.Type.TOPIC.id();
    private static final int SET = 0;
    private static final int DELETE = 1;
    private static final int APPEND = 2;
    private static final int SUBTRACT = 3;

    private final Clients clients;
    private final RawConnection connection;

    ConfigEdgesIT(BrokerUnderTest broker) {
        this.clients = new Clients(broker);
        this.connection = RawConnection.open(broker);
    }

    @AfterEach
    void hangUp() {
        connection.close();
    }

    private static IncrementalAlterConfigsRequestData.AlterableConfig config(
            String name, int operation, @Nullable String value) {
        return new IncrementalAlterConfigsRequestData.AlterableConfig()
                .setName(name)
                .setConfigOperation((byte) operation)
                .setValue(value);
    }

    private String change(int type, String resource, IncrementalAlterConfigsRequestData.AlterableConfig... configs) {
        var altered = new IncrementalAlterConfigsRequestData.AlterConfigsResource()
                .setResourceType((byte) type)
                .setResourceName(resource);
        for (var config : configs) {
            altered.configs().mustAdd(config);
        }
        var request = new IncrementalAlterConfigsRequestData();
        request.resources().add(altered);
        var answer = connection
                .call(ApiKeys.INCREMENTAL_ALTER_CONFIGS, 1, request, IncrementalAlterConfigsResponseData.class)
                .responses()
                .getFirst();
        assertThat(answer.resourceType()).isEqualTo((byte) type);
        return said(answer.errorCode(), answer.errorMessage());
    }

    private String replace(String topic, AlterConfigsRequestData.AlterableConfig... configs) {
        var altered = new AlterConfigsRequestData.AlterConfigsResource()
                .setResourceType(TOPIC)
                .setResourceName(topic);
        for (var config : configs) {
            altered.configs().mustAdd(config);
        }
        var request = new AlterConfigsRequestData();
        request.resources().add(altered);
        var answer = connection
                .call(ApiKeys.ALTER_CONFIGS, 2, request, AlterConfigsResponseData.class)
                .responses()
                .getFirst();
        return said(answer.errorCode(), answer.errorMessage());
    }

    private static AlterConfigsRequestData.AlterableConfig config(String name, @Nullable String value) {
        return new AlterConfigsRequestData.AlterableConfig().setName(name).setValue(value);
    }

    private static String said(short code, @Nullable String message) {
        Errors error = Errors.forCode(code);
        return error == Errors.NONE ? error.name() : error.name() + ": " + message;
    }

    @ParameterizedTest
    @ValueSource(ints = {SET, APPEND, SUBTRACT})
    void aChangeNeedsAValue(int operation) {
        String topic = clients.topic(1);
        assertThat(change(TOPIC, topic, config("cleanup.policy", operation, null)))
                .isEqualTo("INVALID_REQUEST: Null value not supported for : cleanup.policy");
    }

    @Test
    void allConfigsWithoutAValueAreNamedEvenOfATopicThatIsNotThere() {
        assertThat(change(TOPIC, "nobody", config("retention.ms", SET, null), config("segment.ms", SET, null)))
                .isEqualTo("INVALID_REQUEST: Null value not supported for : retention.ms, segment.ms");
        assertThat(replace("nobody", config("retention.ms", null), config("segment.ms", null)))
                .isEqualTo("INVALID_REQUEST: Null value not supported for : retention.ms, segment.ms");
    }

    @Test
    void toDeleteAConfigTakesNoValueAndMayHaveOne() {
        String topic = clients.topic(1);
        assertThat(change(TOPIC, topic, config("retention.ms", DELETE, null))).isEqualTo("NONE");
        assertThat(change(TOPIC, topic, config("retention.ms", DELETE, "5"))).isEqualTo("NONE");
        assertThat(change(TOPIC, topic, config("no.such.config", DELETE, null))).isEqualTo("NONE");
    }

    @Test
    void aReplacementNeedsValues() {
        String topic = clients.topic(1);
        assertThat(replace(topic, config("retention.ms", null)))
                .isEqualTo("INVALID_REQUEST: Null value not supported for : retention.ms");
        assertThat(replace(topic)).isEqualTo("NONE");
    }

    @Test
    void aConfigIsChangedOnce() {
        String topic = clients.topic(1);
        assertThat(change(TOPIC, topic, config("retention.ms", SET, "5"), config("retention.ms", DELETE, null)))
                .isEqualTo("INVALID_REQUEST: Error due to duplicate config keys");
        assertThat(replace(topic, config("retention.ms", "5"), config("retention.ms", "6")))
                .isEqualTo("INVALID_REQUEST: Error due to duplicate config keys");
    }

    @ParameterizedTest
    @CsvSource({"retention.ms, APPEND", "retention.ms, SUBTRACT", "no.such.config, APPEND"})
    void onlyListsGrowAndShrink(String name, String operation) {
        String topic = clients.topic(1);
        assertThat(change(TOPIC, topic, config(name, operation.equals("APPEND") ? APPEND : SUBTRACT, "5")))
                .isEqualTo("INVALID_CONFIG: Can't " + operation + " to key " + name + " because its type is not LIST.");
    }

    @Test
    void aResourceNeedsANameAndATypeThatThereIs() {
        assertThat(change(TOPIC, "", config("retention.ms", SET, "5")))
                .isEqualTo("INVALID_REQUEST: Default topic resources are not allowed.");
        assertThat(change(99, "x", config("retention.ms", SET, "5")))
                .isEqualTo("INVALID_REQUEST: Unknown resource type 99");
        assertThat(change(0, "x", config("retention.ms", SET, "5")))
                .isEqualTo("INVALID_REQUEST: Unknown resource type 0");
    }

    /** Kafka's controller fails on it with an UNKNOWN_SERVER_ERROR that has no message. */
    @ParameterizedTest
    @ValueSource(ints = {4, 9, -1})
    @OnlyKafscale
    void anUnknownOperationIsNamed(int operation) {
        String topic = clients.topic(1);
        assertThat(change(TOPIC, topic, config("retention.ms", operation, "5")))
                .isEqualTo("INVALID_REQUEST: Unknown operation type " + operation + " for retention.ms");
    }
}
