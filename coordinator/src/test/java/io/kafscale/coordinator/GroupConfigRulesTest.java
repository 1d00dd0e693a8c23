package io.kafscale.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GroupConfigRulesTest {
    private final GroupConfigRules rules = new GroupConfigRules(GroupCoordinatorSettings.defaults());

    @Test
    void aGroupHasWhatTheBrokerSetsForAll() {
        assertThat(rules.defaults())
                .containsExactly(
                        Map.entry("consumer.assignment.interval.ms", "1000"),
                        Map.entry("consumer.heartbeat.interval.ms", "5000"),
                        Map.entry("consumer.session.timeout.ms", "45000"));
        assertThatCode(() -> rules.validate(rules.defaults())).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "consumer.session.timeout.ms, 60000",
        "consumer.heartbeat.interval.ms, 15000",
        "consumer.assignment.interval.ms, 0"
    })
    void whatTheBrokersBoundsAllowIsAccepted(String name, String value) {
        assertThatCode(() -> rules.validate(Map.of(name, value))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "consumer.session.timeout.ms, 60001, group.consumer.max.session.timeout.ms",
        "consumer.heartbeat.interval.ms, 4999, group.consumer.min.heartbeat.interval.ms",
        "consumer.session.timeout.ms, soon, soon",
        "share.auto.offset.reset, earliest, serves no groups",
        "streams.num.standby.replicas, 1, serves no groups",
        "no.such.config, 1, Unknown group config name: no.such.config"
    })
    void allElseIsRefusedWithTheReason(String name, String value, String reason) {
        assertThatThrownBy(() -> rules.validate(Map.of(name, value)))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining(reason);
    }
}
