package io.kafscale.broker.admin;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.jspecify.annotations.Nullable;

/** A change of a topic's configs as a client asks for it. Immutable. */
sealed interface ConfigChange {
    /**
     * The configs after the change; not yet validated.
     *
     * @throws InvalidConfigurationException if the change cannot be made
     */
    Map<String, String> applyTo(Map<String, String> before, TopicConfigs known);

    /** All configs replaced by these. */
    record Replace(Map<String, String> configs) implements ConfigChange {
        static Replace of(Iterable<AlterConfigsRequestData.AlterableConfig> configs) {
            Map<String, String> values = new HashMap<>();
            var nulls = new NullValues();
            for (AlterConfigsRequestData.AlterableConfig config : configs) {
                checkOnce(values.put(config.name(), nulls.checked(config.name(), config.value())) != null);
            }
            nulls.refuse();
            return new Replace(values);
        }

        @Override
        public Map<String, String> applyTo(Map<String, String> before, TopicConfigs known) {
            return configs;
        }
    }

    /** Single configs changed, in this order. */
    record Incremental(List<Step> steps) implements ConfigChange {
        /** One config; the value is there unless the operation is a deletion. */
        record Step(String name, OpType operation, @Nullable String value) {}

        /** The configs it is about. */
        List<String> names() {
            return steps.stream().map(Step::name).toList();
        }

        static Incremental of(Iterable<IncrementalAlterConfigsRequestData.AlterableConfig> configs) {
            Set<String> seen = new HashSet<>();
            List<Step> steps = new ArrayList<>();
            var nulls = new NullValues();
            for (IncrementalAlterConfigsRequestData.AlterableConfig config : configs) {
                checkOnce(!seen.add(config.name()));
                OpType operation = operation(config);
                steps.add(new Step(
                        config.name(),
                        operation,
                        operation == OpType.DELETE ? null : nulls.checked(config.name(), config.value())));
            }
            nulls.refuse();
            return new Incremental(steps);
        }

        /** Kafka's controller stumbles over an operation that it does not know, which we need not repeat. */
        private static OpType operation(IncrementalAlterConfigsRequestData.AlterableConfig config) {
            OpType operation = OpType.forId(config.configOperation());
            if (operation == null) {
                throw new InvalidRequestException(
                        "Unknown operation type " + config.configOperation() + " for " + config.name());
            }
            return operation;
        }

        @Override
        public Map<String, String> applyTo(Map<String, String> before, TopicConfigs known) {
            Map<String, String> after = new HashMap<>(before);
            for (Step step : steps) {
                String value = step.value();
                if (value == null) {
                    after.remove(step.name());
                } else if (step.operation() == OpType.SET) {
                    after.put(step.name(), value);
                } else {
                    after.put(step.name(), edited(step, value, known.effective(after)));
                }
            }
            return after;
        }

        private static String edited(Step step, String value, Map<String, String> effective) {
            if (!TopicConfigRules.byName().containsKey(step.name())
                    || TopicConfigs.key(step.name()).type != ConfigDef.Type.LIST) {
                throw new InvalidConfigurationException(
                        "Can't " + step.operation() + " to key " + step.name() + " because its type is not LIST.");
            }
            List<String> items = items(effective.getOrDefault(step.name(), ""));
            for (String item : items(value)) {
                items.remove(item);
                if (step.operation() == OpType.APPEND) {
                    items.add(item);
                }
            }
            return String.join(",", items);
        }

        private static List<String> items(String list) {
            List<String> items = new ArrayList<>();
            for (String item : list.split(",", -1)) {
                if (!item.isBlank()) {
                    items.add(item.trim());
                }
            }
            return items;
        }
    }

    private static void checkOnce(boolean repeated) {
        if (repeated) {
            throw new InvalidRequestException("Error due to duplicate config keys");
        }
    }

    /** The configs of a request that have no value although they need one: Kafka names them all. */
    final class NullValues {
        private final List<String> names = new ArrayList<>();

        /** The value, or the empty string where there is none, for a change that is going to be refused. */
        String checked(String name, @Nullable String value) {
            if (value == null) {
                names.add(name);
            }
            return Objects.requireNonNullElse(value, "");
        }

        void refuse() {
            if (!names.isEmpty()) {
                throw new InvalidRequestException("Null value not supported for : " + String.join(", ", names));
            }
        }
    }
}
