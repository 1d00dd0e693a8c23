package io.kafscale.broker.produce;

import java.util.Map;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.server.config.ServerLogConfigs;

/**
 * What a topic demands of records produced to it. Immutable.
 *
 * @param maxBatchBytes {@code max.message.bytes}: the largest batch, as compressed by the producer
 * @param timestampType {@code message.timestamp.type}
 * @param beforeMaxMs how far a timestamp may lie in the past, milliseconds
 * @param afterMaxMs how far a timestamp may lie in the future, milliseconds
 * @param compacted whether every record needs a key
 */
public record RecordRules(
        int maxBatchBytes, TimestampType timestampType, long beforeMaxMs, long afterMaxMs, boolean compacted) {

    /** Reads the configs of a topic, which were checked when they were set. */
    public static RecordRules of(Map<String, String> configs) {
        return new RecordRules(
                Math.toIntExact(number(
                        configs, TopicConfig.MAX_MESSAGE_BYTES_CONFIG, ServerLogConfigs.MAX_MESSAGE_BYTES_DEFAULT)),
                TimestampType.forName(configs.getOrDefault(
                        TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                        ServerLogConfigs.LOG_MESSAGE_TIMESTAMP_TYPE_DEFAULT)),
                number(
                        configs,
                        TopicConfig.MESSAGE_TIMESTAMP_BEFORE_MAX_MS_CONFIG,
                        ServerLogConfigs.LOG_MESSAGE_TIMESTAMP_BEFORE_MAX_MS_DEFAULT),
                number(
                        configs,
                        TopicConfig.MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG,
                        ServerLogConfigs.LOG_MESSAGE_TIMESTAMP_AFTER_MAX_MS_DEFAULT),
                configs.getOrDefault(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE)
                        .contains(TopicConfig.CLEANUP_POLICY_COMPACT));
    }

    /** What the response says of when a batch was appended: its time if the broker set it, else none. */
    long logAppendTimeMs(long maxTimestampMs) {
        return timestampType == TimestampType.LOG_APPEND_TIME ? maxTimestampMs : RecordBatch.NO_TIMESTAMP;
    }

    private static long number(Map<String, String> configs, String name, long fallback) {
        String value = configs.get(name);
        return value == null ? fallback : Long.parseLong(value.trim());
    }
}
