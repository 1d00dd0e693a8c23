package io.kafscale.broker.request;

import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.protocol.Errors;

/**
 * What an operator tunes about request handling, and who this broker is. Immutable.
 *
 * @param nodeId this broker's id ({@code node.id})
 * @param clusterId the id clients see
 * @param storageUri names the one log directory that clients are shown
 * @param topics what topics get that did not say
 * @param validation how closely produced records are looked at
 * @param fetchMaxBytes the most bytes of records in one fetch response ({@code fetch.max.bytes})
 * @param unavailableFetchError what a fetch gets that needs an object store which does not answer: UNKNOWN_SERVER_ERROR, which
 *     clients retry slowly, or KAFKA_STORAGE_ERROR, on which some stop for good
 * @param described settings shown by DescribeConfigs for this broker, under their Kafka names where those exist
 */
public record BrokerSettings(
        int nodeId,
        String clusterId,
        String storageUri,
        TopicDefaults topics,
        Validation validation,
        int fetchMaxBytes,
        Errors unavailableFetchError,
        Map<String, String> described) {

    /** Kafka's default of {@code fetch.max.bytes} of a broker. */
    public static final int DEFAULT_FETCH_MAX_BYTES = 55 << 20;

    /** How closely produced records are looked at. */
    public enum Validation {
        /** As Kafka does: every record of every batch is read, compressed ones are decompressed for it. */
        FULL,
        /** Batch header and checksum only, for producers that are trusted; compacted topics are validated in full all the same. */
        HEADER
    }

    /**
     * What topics get that did not say.
     *
     * @param autoCreate whether asking for a topic creates it ({@code auto.create.topics})
     * @param partitions how many partitions a topic gets ({@code num.partitions})
     * @param segmentBytes default of the topic config {@code segment.bytes}
     * @param segmentMs default of the topic config {@code segment.ms}
     */
    public record TopicDefaults(boolean autoCreate, int partitions, int segmentBytes, long segmentMs) {
        /** Checks the ranges. */
        public TopicDefaults {
            if (partitions < 1) {
                throw new IllegalArgumentException("num.partitions must be at least 1, not " + partitions);
            }
        }
    }

    /** Checks the ranges and copies the map. */
    public BrokerSettings {
        Objects.requireNonNull(clusterId);
        if (nodeId < 0) {
            throw new IllegalArgumentException("node.id must not be negative: " + nodeId);
        }
        if (fetchMaxBytes < 1024) {
            throw new IllegalArgumentException("fetch.max.bytes must be at least 1024, not " + fetchMaxBytes);
        }
        if (unavailableFetchError != Errors.UNKNOWN_SERVER_ERROR
                && unavailableFetchError != Errors.KAFKA_STORAGE_ERROR) {
            throw new IllegalArgumentException(
                    "a fetch without a store gets UNKNOWN_SERVER_ERROR or KAFKA_STORAGE_ERROR, not "
                            + unavailableFetchError);
        }
        described = Map.copyOf(described);
    }

    /** The defaults for a broker: topics created on demand with one partition, full validation. */
    public static BrokerSettings defaults(int nodeId, String clusterId, String storageUri) {
        return new BrokerSettings(
                nodeId,
                clusterId,
                storageUri,
                new TopicDefaults(true, 1, 64 << 20, 3_600_000),
                Validation.FULL,
                DEFAULT_FETCH_MAX_BYTES,
                Errors.UNKNOWN_SERVER_ERROR,
                Map.of());
    }

    /** These settings with other topic defaults. */
    public BrokerSettings withTopics(TopicDefaults defaults) {
        return new BrokerSettings(
                nodeId, clusterId, storageUri, defaults, validation, fetchMaxBytes, unavailableFetchError, described);
    }

    /** These settings with another validation. */
    public BrokerSettings withValidation(Validation other) {
        return new BrokerSettings(
                nodeId, clusterId, storageUri, topics, other, fetchMaxBytes, unavailableFetchError, described);
    }
}
