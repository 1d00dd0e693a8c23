package io.kafscale.metastore.cluster;

import java.util.Map;

/**
 * A topic somebody asks for; {@link TopicStore#create} says whether it can be. Immutable.
 *
 * @param partitions how many
 * @param configs in Kafka's names, already validated
 */
public record NewTopic(String name, int partitions, Map<String, String> configs) {
    /** Copies the map. */
    public NewTopic {
        configs = Map.copyOf(configs);
    }
}
