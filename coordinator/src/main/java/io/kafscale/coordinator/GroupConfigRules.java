package io.kafscale.coordinator;

import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.coordinator.group.GroupConfig;
import org.apache.kafka.coordinator.group.GroupCoordinatorConfig;
import org.apache.kafka.coordinator.group.modern.share.ShareGroupConfig;

/**
 * What may be set for single groups, by Kafka's own definition: that of groups of the consumer protocol (KIP-848), since there are no
 * others that Kafka has such configs for and that are served. Immutable, any thread.
 */
public final class GroupConfigRules {
    private static final String SERVED = "consumer.";

    private final GroupCoordinatorConfig kafka;
    private final ShareGroupConfig shareGroups = ShareGroupConfig.fromProps(Map.of());
    private final SortedMap<String, String> defaults = new TreeMap<>();

    /** Rules over what a broker has set for all groups. */
    public GroupConfigRules(GroupCoordinatorSettings settings) {
        Map<String, String> ofAllGroups = settings.toKafka();
        kafka = GroupCoordinatorConfig.fromProps(ofAllGroups);
        GroupConfig.CONFIG_DEF.configKeys().forEach((name, key) -> {
            if (name.startsWith(SERVED) && !key.internalConfig) {
                defaults.put(
                        name,
                        Objects.requireNonNull(ofAllGroups.get(brokerName(name)), () -> "nothing is set for " + name));
            }
        });
    }

    /** What a group has that set nothing, by name: every config there is. */
    public SortedMap<String, String> defaults() {
        return new TreeMap<>(defaults);
    }

    /** Kafka's definition of a config. */
    public static ConfigDef.ConfigKey key(String name) {
        return Objects.requireNonNull(GroupConfig.CONFIG_DEF.configKeys().get(name), () -> "no group config " + name);
    }

    /** The setting of a broker that a config of groups overrides, under Kafka's name. */
    public static String brokerName(String name) {
        return "group." + name;
    }

    /**
     * Checks the configs of a group, all of them.
     *
     * @throws InvalidConfigurationException which says what is wrong with which
     */
    public void validate(Map<String, String> configs) {
        for (String name : configs.keySet()) {
            if (defaults.containsKey(name)) {
                continue;
            }
            throw new InvalidConfigurationException(
                    GroupConfig.configNames().contains(name)
                            ? "Group config " + name + " cannot be set: this broker serves no groups that have it"
                            : "Unknown group config name: " + name);
        }
        try {
            GroupConfig.validate(new TreeMap<>(configs), kafka, shareGroups);
        } catch (ConfigException refused) {
            throw new InvalidConfigurationException(refused.getMessage(), refused);
        }
    }
}
