package io.kafscale.app.node;

import io.kafscale.app.settings.KafscaleSettings;
import java.util.HashMap;
import java.util.Map;

/** What clients are told about a broker that they ask for its configs: its settings, under the names that Kafka gives them. */
final class ReportedConfigs {
    private ReportedConfigs() {}

    /** The configs of a broker that listens at {@code listener} and tells clients to come to {@code advertised}. */
    static Map<String, String> of(KafscaleSettings settings, String listener, String advertised) {
        var configs = new HashMap<String, String>();
        configs.put("node.id", Integer.toString(settings.node().id()));
        configs.put("broker.id", Integer.toString(settings.node().id()));
        settings.node().rack().ifPresent(rack -> configs.put("broker.rack", rack));
        configs.put("listeners", "PLAINTEXT://" + listener);
        configs.put("advertised.listeners", "PLAINTEXT://" + advertised);
        configs.put("num.network.threads", Integer.toString(settings.network().threads()));
        configs.put(
                "socket.request.max.bytes", Integer.toString(settings.network().maxRequestBytes()));
        configs.put("queued.max.request.bytes", Long.toString(settings.network().queuedRequestBytes()));
        configs.put("max.connections", Integer.toString(settings.network().maxConnections()));
        configs.put(
                "connections.max.idle.ms",
                Long.toString(settings.network().maxIdle().toMillis()));
        configs.put("fetch.max.bytes", Integer.toString(settings.requests().maxFetchBytes()));
        topics(settings, configs);
        groups(settings, configs);
        return Map.copyOf(configs);
    }

    private static void topics(KafscaleSettings settings, Map<String, String> configs) {
        configs.put(
                "auto.create.topics.enable", Boolean.toString(settings.topics().autoCreate()));
        configs.put("num.partitions", Integer.toString(settings.topics().partitions()));
        configs.put("log.segment.bytes", Integer.toString(settings.log().segmentBytes()));
        configs.put("log.roll.ms", Long.toString(settings.log().segmentAge().toMillis()));
        // True of every broker: durability is the object store's.
        configs.put("default.replication.factor", "1");
        configs.put("min.insync.replicas", "1");
        configs.put("delete.topic.enable", "true");
    }

    private static void groups(KafscaleSettings settings, Map<String, String> configs) {
        var groups = settings.groups();
        configs.put(
                "group.initial.rebalance.delay.ms",
                Long.toString(groups.initialRebalanceDelay().toMillis()));
        configs.put(
                "group.min.session.timeout.ms",
                Long.toString(groups.minSessionTimeout().toMillis()));
        configs.put(
                "group.max.session.timeout.ms",
                Long.toString(groups.maxSessionTimeout().toMillis()));
        configs.put(
                "offsets.retention.minutes",
                Long.toString(groups.offsetsRetention().toMinutes()));
    }
}
