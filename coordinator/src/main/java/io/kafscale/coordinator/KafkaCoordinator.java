package io.kafscale.coordinator;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.coordinator.group.GroupConfigManager;
import org.apache.kafka.coordinator.group.GroupCoordinatorConfig;
import org.apache.kafka.coordinator.group.GroupCoordinatorService;
import org.apache.kafka.coordinator.group.metrics.GroupCoordinatorRuntimeMetrics;
import org.apache.kafka.coordinator.group.modern.share.ShareGroupConfig;
import org.apache.kafka.server.share.persister.NoOpStatePersister;
import org.apache.kafka.server.util.PartitionMetadataClient;

/**
 * The parts of Kafka's group coordinator, without what only share groups and authorization by pattern need.
 *
 * @param groupConfigs what is set for single groups; the caller keeps it up to date
 * @param metrics where the runtime registers its metrics
 * @param groupMetrics the metrics of the groups
 */
record KafkaCoordinator(
        int nodeId,
        GroupCoordinatorSettings settings,
        CoordinatorClock clock,
        GroupConfigManager groupConfigs,
        StorePartitionWriter writer,
        ShardLoader loader,
        Metrics metrics,
        UnloadSignals groupMetrics) {

    /** Refuses settings that Kafka refuses, with an exception that names them. */
    static void check(GroupCoordinatorSettings settings) {
        GroupCoordinatorConfig.fromProps(settings.toKafka());
    }

    /** Configs of single groups, of which none is known yet. */
    static GroupConfigManager groupConfigs(GroupCoordinatorSettings settings) {
        var config = GroupCoordinatorConfig.fromProps(settings.toKafka());
        var shareConfig = ShareGroupConfig.fromProps(Map.of());
        return new GroupConfigManager(config.extractGroupConfigMap(shareConfig), config, shareConfig);
    }

    /** Starts the coordinator's threads; it takes no calls before its {@code startup}. */
    GroupCoordinatorService build() {
        var config = GroupCoordinatorConfig.fromProps(settings.toKafka());
        return new GroupCoordinatorService.Builder(nodeId, config)
                .withWriter(writer)
                .withLoader(loader)
                .withTime(clock.time())
                .withTimer(clock.timer())
                .withCoordinatorRuntimeMetrics(new GroupCoordinatorRuntimeMetrics(metrics))
                .withGroupCoordinatorMetrics(groupMetrics)
                .withGroupConfigManager(groupConfigs)
                .withPersister(new NoOpStatePersister())
                .withAuthorizerPlugin(Optional.empty())
                .withPartitionMetadataClient(new NoShareGroups())
                .build();
    }

    /** Asked for share groups only, which are not served. */
    private static final class NoShareGroups implements PartitionMetadataClient {
        @Override
        public Map<TopicPartition, CompletableFuture<OffsetResponse>> listLatestOffsets(
                Set<TopicPartition> partitions) {
            return Map.of();
        }

        @Override
        public void close() {}
    }
}
