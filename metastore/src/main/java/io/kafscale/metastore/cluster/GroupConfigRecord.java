package io.kafscale.metastore.cluster;

import java.util.Map;

/**
 * What was set for one consumer group. Immutable.
 *
 * @param group the group's id
 * @param configs what was set explicitly, in Kafka's names; never empty in the store
 */
public record GroupConfigRecord(String group, Map<String, String> configs) {
    /** Copies the map. */
    public GroupConfigRecord {
        configs = Map.copyOf(configs);
    }
}
