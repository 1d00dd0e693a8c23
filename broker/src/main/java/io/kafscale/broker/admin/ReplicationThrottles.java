package io.kafscale.broker.admin;

import java.util.Collection;
import java.util.Set;
import org.apache.kafka.server.config.QuotaConfig;

/**
 * Configs of brokers by which Kafka's tools throttle what brokers copy from each other. Brokers here copy nothing, so any throttle holds:
 * setting and removing them is accepted and changes nothing. Stateless.
 */
final class ReplicationThrottles {
    private static final Set<String> NAMES = Set.of(
            QuotaConfig.LEADER_REPLICATION_THROTTLED_RATE_CONFIG,
            QuotaConfig.FOLLOWER_REPLICATION_THROTTLED_RATE_CONFIG,
            QuotaConfig.REPLICA_ALTER_LOG_DIRS_IO_MAX_BYTES_PER_SECOND_CONFIG);

    private ReplicationThrottles() {}

    /** Whether these are names of such configs, and of nothing else. */
    static boolean areAll(Collection<String> names) {
        return !names.isEmpty() && NAMES.containsAll(names);
    }
}
