package io.kafscale.broker.admin;

import io.kafscale.broker.admin.TopicConfigRule.Treatment;
import io.kafscale.broker.request.BrokerSettings.TopicDefaults;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.jspecify.annotations.Nullable;

/**
 * Checks topic configs and tells their effective values: Kafka's own definition decides what is legal, {@link TopicConfigRules} what
 * is accepted here. Immutable, any thread.
 */
public final class TopicConfigs {
    private static final Map<String, ConfigKey> KEYS = LogConfig.configKeys();

    private final Map<String, String> defaults;

    /** Configs over the broker's defaults. */
    public TopicConfigs(TopicDefaults broker) {
        Map<String, String> values = new TreeMap<>();
        for (TopicConfigRule rule : TopicConfigRules.ALL) {
            ConfigKey key = key(rule.name());
            values.put(
                    rule.name(), Objects.requireNonNullElse(ConfigDef.convertToString(key.defaultValue, key.type), ""));
        }
        values.put(TopicConfig.SEGMENT_BYTES_CONFIG, Integer.toString(broker.segmentBytes()));
        values.put(TopicConfig.SEGMENT_MS_CONFIG, Long.toString(broker.segmentMs()));
        defaults = Map.copyOf(values);
    }

    /** Kafka's definition of a config: type, documentation. */
    static ConfigKey key(String name) {
        return Objects.requireNonNull(KEYS.get(name), () -> "no topic config " + name);
    }

    /** What topics have that set nothing, by name. */
    Map<String, String> defaults() {
        return defaults;
    }

    /** All configs of a topic that set these, by name. */
    Map<String, String> effective(Map<String, String> set) {
        Map<String, String> values = new TreeMap<>(defaults);
        values.putAll(set);
        return values;
    }

    /**
     * Checks the configs of a topic, all of them.
     *
     * @throws InvalidConfigurationException which says what is wrong with which
     */
    public void validate(Map<String, String> configs) {
        for (String name : configs.keySet()) {
            if (!TopicConfigRules.byName().containsKey(name)) {
                throw new InvalidConfigurationException("Unknown topic config name: " + name);
            }
        }
        Map<String, Object> parsed = parse(configs);
        configs.keySet().forEach(name -> checkAccepted(name, parsed));
        if (configs.containsKey(TopicConfig.CLEANUP_POLICY_CONFIG)
                && ((List<?>) Objects.requireNonNull(parsed.get(TopicConfig.CLEANUP_POLICY_CONFIG))).isEmpty()) {
            throw new InvalidConfigurationException(
                    "cleanup.policy must name delete or compact; to keep everything set retention.ms=-1");
        }
    }

    private static Map<String, Object> parse(Map<String, String> configs) {
        try {
            LogConfig.validate(configs);
            return LogConfig.configDefCopy().parse(new HashMap<>(configs));
        } catch (ConfigException refused) {
            throw new InvalidConfigurationException(refused.getMessage(), refused);
        }
    }

    private static void checkAccepted(String name, Map<String, Object> parsed) {
        TopicConfigRule rule = Objects.requireNonNull(TopicConfigRules.byName().get(name));
        Object standard = key(name).defaultValue;
        if (rule.treatment() == Treatment.DEFAULT_ONLY && !Objects.equals(parsed.get(name), standard)) {
            throw new InvalidConfigurationException("Topic config " + name + " can only have its default "
                    + ConfigDef.convertToString(standard, key(name).type) + ": " + rule.note());
        }
    }

    /** What an operator should know about legal configs. */
    static List<String> warnings(Map<String, String> configs) {
        @Nullable String policy = configs.get(TopicConfig.CLEANUP_POLICY_CONFIG);
        return policy != null && policy.contains(TopicConfig.CLEANUP_POLICY_COMPACT)
                ? List.of("cleanup.policy=" + policy
                        + " is accepted, but nothing is compacted: all records are kept"
                        + (policy.contains(TopicConfig.CLEANUP_POLICY_DELETE) ? " until retention deletes them" : ""))
                : List.of();
    }
}
