package io.kafscale.broker.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.broker.request.BrokerSettings.TopicDefaults;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class TopicConfigsTest {
    private final TopicConfigs configs = new TopicConfigs(new TopicDefaults(true, 1, 64 << 20, 3_600_000));

    @Test
    void everyTopicConfigOfKafkaHasARule() {
        assertThat(TopicConfigRules.ALL)
                .extracting(TopicConfigRule::name)
                .containsExactlyElementsOf(LogConfig.nonInternalConfigNames());
        assertThat(TopicConfigRules.ALL)
                .allSatisfy(rule -> assertThat(rule.note()).isNotBlank());
    }

    static Iterable<TopicConfigRule> rules() {
        return TopicConfigRules.ALL;
    }

    @ParameterizedTest
    @MethodSource("rules")
    void theDefaultOfEveryConfigIsAccepted(TopicConfigRule rule) {
        ConfigDef.ConfigKey key = TopicConfigs.key(rule.name());
        String value = Objects.requireNonNull(ConfigDef.convertToString(key.defaultValue, key.type));
        assertThatCode(() -> configs.validate(Map.of(rule.name(), value))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "retention.ms, -1",
        "retention.bytes, 1000",
        "segment.bytes, 52428800",
        "segment.ms, 1000",
        "max.message.bytes, 5000000",
        "message.timestamp.type, LogAppendTime",
        "message.timestamp.before.max.ms, 1000",
        "message.timestamp.after.max.ms, 1000",
        "cleanup.policy, compact",
        "cleanup.policy, 'compact,delete'",
        "compression.type, producer",
        "min.insync.replicas, 2",
        "min.cleanable.dirty.ratio, 0.01",
        "delete.retention.ms, 100",
        "min.compaction.lag.ms, 100",
        "unclean.leader.election.enable, true",
        "preallocate, true",
        "index.interval.bytes, 1"
    })
    void whatIsTrueHereIsAccepted(String name, String value) {
        assertThatCode(() -> configs.validate(Map.of(name, value))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "compression.type, gzip, never recompressed",
        "compression.gzip.level, 9, never recompressed",
        "flush.messages, 1, wal.flush.rate",
        "flush.ms, 1, wal.flush.rate",
        "max.compaction.lag.ms, 1000, keeps everything",
        "remote.storage.enable, true, second tier",
        "local.retention.ms, 1000, second tier",
        "cleanup.policy, '', retention.ms=-1",
        "cleanup.policy, archive, archive",
        "retention.ms, soon, soon",
        "segment.bytes, 14, 14",
        "internal.segment.bytes, 1000, Unknown topic config",
        "no.such.config, 1, Unknown topic config"
    })
    void whatWouldBeStoredAndIgnoredIsRefusedWithTheReason(String name, String value, String reason) {
        assertThatThrownBy(() -> configs.validate(Map.of(name, value)))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void compactionIsAcceptedWithAWarning() {
        assertThat(TopicConfigs.warnings(Map.of("cleanup.policy", "compact")))
                .singleElement()
                .asString()
                .contains("nothing is compacted");
        assertThat(TopicConfigs.warnings(Map.of("cleanup.policy", "delete"))).isEmpty();
    }

    @Test
    void whatATopicDidNotSetIsTheBrokersDefault() {
        assertThat(configs.effective(Map.of("retention.ms", "5")))
                .containsEntry("retention.ms", "5")
                .containsEntry("segment.bytes", "67108864")
                .containsEntry("segment.ms", "3600000")
                .containsEntry("cleanup.policy", "delete");
    }
}
