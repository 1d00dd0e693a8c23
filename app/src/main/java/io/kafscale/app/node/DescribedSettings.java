package io.kafscale.app.node;

import io.kafscale.app.settings.KafscaleSettings;
import io.kafscale.log.TopicSettings;
import java.util.Map;
import java.util.TreeMap;

/** The settings of a broker under the names that Kafka has for them, as DescribeConfigs shows them. Stateless. */
final class DescribedSettings {
    /** Kafka's default, and ours, of the largest record batch a topic takes. */
    private static final int MESSAGE_MAX_BYTES = 1_048_588;

    private DescribedSettings() {}

    static Map<String, String> of(KafscaleSettings settings) {
        var kafka = new TreeMap<String, String>();
        kafka.put("node.id", text(settings.node().id()));
        kafka.put("broker.id", text(settings.node().id()));
        var network = settings.network();
        kafka.put("listeners", "PLAINTEXT://" + network.listen());
        kafka.put("advertised.listeners", "PLAINTEXT://" + network.advertised().orElse(network.listen()));
        kafka.put("num.network.threads", text(network.threads()));
        kafka.put("socket.request.max.bytes", text(network.maxRequestBytes()));
        kafka.put("queued.max.request.bytes", text(network.queuedRequestBytes()));
        kafka.put("max.connections", text(network.maxConnections()));
        kafka.put("connections.max.idle.ms", text(network.maxIdle().toMillis()));
        kafka.put("auto.create.topics.enable", String.valueOf(settings.topics().autoCreate()));
        kafka.put("num.partitions", text(settings.topics().partitions()));
        kafka.put("default.replication.factor", "1");
        kafka.put("message.max.bytes", text(MESSAGE_MAX_BYTES));
        kafka.put("fetch.max.bytes", text(settings.requests().maxFetchBytes()));
        kafka.put("log.segment.bytes", text(settings.log().segmentBytes()));
        kafka.put("log.roll.ms", text(settings.log().segmentAge().toMillis()));
        kafka.put("log.retention.ms", text(TopicSettings.DEFAULT_RETENTION.toMillis()));
        var groups = settings.groups();
        kafka.put(
                "group.initial.rebalance.delay.ms",
                text(groups.initialRebalanceDelay().toMillis()));
        kafka.put(
                "group.min.session.timeout.ms", text(groups.minSessionTimeout().toMillis()));
        kafka.put(
                "group.max.session.timeout.ms", text(groups.maxSessionTimeout().toMillis()));
        kafka.put("offsets.retention.minutes", text(groups.offsetsRetention().toMinutes()));
        return kafka;
    }

    private static String text(long number) {
        return Long.toString(number);
    }
}
