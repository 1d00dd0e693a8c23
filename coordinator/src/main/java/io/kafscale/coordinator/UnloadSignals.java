package io.kafscale.coordinator;

import com.yammer.metrics.core.MetricsRegistry;
import java.util.function.IntConsumer;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.coordinator.common.runtime.CoordinatorMetricsShard;
import org.apache.kafka.coordinator.group.metrics.GroupCoordinatorMetrics;

/**
 * Kafka's group coordinator metrics, which are also its only sign that a shard was dropped: a shard takes its metrics down whenever
 * it is unloaded, after a resignation and after a failed load alike. Thread-safe.
 */
final class UnloadSignals extends GroupCoordinatorMetrics {
    private final IntConsumer onUnloaded;

    /**
     * The metrics of one coordinator.
     *
     * @param onUnloaded told, on a thread of the runtime, which shard was dropped
     */
    UnloadSignals(MetricsRegistry registry, Metrics metrics, IntConsumer onUnloaded) {
        super(registry, metrics);
        this.onUnloaded = onUnloaded;
    }

    @Override
    public void deactivateMetricsShard(CoordinatorMetricsShard shard) {
        super.deactivateMetricsShard(shard);
        onUnloaded.accept(shard.topicPartition().partition());
    }
}
