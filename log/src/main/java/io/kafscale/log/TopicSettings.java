package io.kafscale.log;

import io.kafscale.metastore.cluster.TopicRecord;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The topic configs that the log itself honours.
 *
 * @param retention delete records older than this; empty for never
 * @param retentionBytes delete the oldest records beyond this size; empty for never
 * @param keepsEverything {@code cleanup.policy=compact} without {@code delete}: nothing is ever deleted by time or size
 * @param timestampLeadMs how far ahead of its append the timestamp of any record of the topic may lie
 */
public record TopicSettings(
        Optional<Duration> retention,
        OptionalLong retentionBytes,
        int segmentBytes,
        Duration segmentAge,
        boolean keepsEverything,
        long timestampLeadMs) {

    /** Kafka's default of {@code retention.ms}. */
    public static final Duration DEFAULT_RETENTION = Duration.ofDays(7);

    /** Ages beyond this are for ever; it keeps times in nanoseconds from overflowing. */
    private static final long LONGEST_AGE_MS = Duration.ofDays(36_500).toMillis();

    /**
     * Reads the configs of a topic, by their Kafka names, over the broker's defaults. They were checked when they were set.
     */
    public static TopicSettings of(Map<String, String> configs, LogSettings defaults) {
        long retentionMs = longOf(configs, "retention.ms", DEFAULT_RETENTION.toMillis());
        long retentionBytes = longOf(configs, "retention.bytes", -1);
        String policy = configs.getOrDefault("cleanup.policy", "delete");
        return new TopicSettings(
                retentionMs < 0 ? Optional.empty() : Optional.of(Duration.ofMillis(retentionMs)),
                retentionBytes < 0 ? OptionalLong.empty() : OptionalLong.of(retentionBytes),
                (int) longOf(configs, "segment.bytes", defaults.segmentBytes()),
                Duration.ofMillis(Math.min(
                        LONGEST_AGE_MS,
                        longOf(configs, "segment.ms", defaults.segmentAge().toMillis()))),
                policy.contains("compact") && !policy.contains("delete"),
                TopicRecord.timestampLeadMs(configs));
    }

    /** Reads the configs of a topic, and what it remembers of those it had before. */
    public static TopicSettings of(TopicRecord topic, LogSettings defaults) {
        TopicSettings now = of(topic.configs(), defaults);
        return new TopicSettings(
                now.retention,
                now.retentionBytes,
                now.segmentBytes,
                now.segmentAge,
                now.keepsEverything,
                topic.timestampLeadMs());
    }

    private static long longOf(Map<String, String> configs, String name, long fallback) {
        String value = configs.get(name);
        return value == null ? fallback : Long.parseLong(value.trim());
    }
}
