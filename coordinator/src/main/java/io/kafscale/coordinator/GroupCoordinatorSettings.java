package io.kafscale.coordinator;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an operator tunes about consumer groups. Named and valued as in Kafka; {@link #defaults()} are Kafka's. Immutable.
 *
 * @param threads {@code group.coordinator.threads}: threads that process group events; one shard is on one at a time
 * @param backgroundThreads {@code group.coordinator.background.threads}: threads that match subscription patterns
 * @param queuedWriteBytes the most bytes of group writes that wait for the metadata store; beyond, clients are told to try again
 * @param drainLimit how long giving up a shard waits for its writes under way
 */
public record GroupCoordinatorSettings(
        int threads,
        int backgroundThreads,
        long queuedWriteBytes,
        Duration drainLimit,
        Offsets offsets,
        ClassicGroups classic,
        ConsumerGroups consumer) {

    /**
     * Committed offsets.
     *
     * @param commitTimeout {@code offsets.commit.timeout.ms}: how long any group write may take before it is answered with an error
     * @param maxMetadataBytes {@code offset.metadata.max.bytes}
     * @param retention {@code offsets.retention.minutes}: how long offsets outlive the last member; whole minutes
     * @param retentionCheckInterval {@code offsets.retention.check.interval.ms}
     */
    public record Offsets(
            Duration commitTimeout, int maxMetadataBytes, Duration retention, Duration retentionCheckInterval) {
        /** Kafka's defaults. */
        public static Offsets defaults() {
            return new Offsets(Duration.ofSeconds(5), 4096, Duration.ofDays(7), Duration.ofMinutes(10));
        }
    }

    /**
     * Groups of the classic protocol.
     *
     * @param minSessionTimeout {@code group.min.session.timeout.ms}
     * @param maxSessionTimeout {@code group.max.session.timeout.ms}
     * @param initialRebalanceDelay {@code group.initial.rebalance.delay.ms}: how long the first rebalance of an empty group waits
     *     for more members
     * @param maxSize {@code group.max.size}
     */
    public record ClassicGroups(
            Duration minSessionTimeout, Duration maxSessionTimeout, Duration initialRebalanceDelay, int maxSize) {
        /** Kafka's defaults. */
        public static ClassicGroups defaults() {
            return new ClassicGroups(
                    Duration.ofSeconds(6), Duration.ofMinutes(30), Duration.ofSeconds(3), Integer.MAX_VALUE);
        }
    }

    /**
     * Groups of the consumer protocol (KIP-848).
     *
     * @param sessionTimeout {@code group.consumer.session.timeout.ms} and its bounds, {@code .min.} and {@code .max.}
     * @param heartbeatInterval {@code group.consumer.heartbeat.interval.ms} and its bounds
     * @param assignmentInterval {@code group.consumer.assignment.interval.ms}: the least time between two assignments of a group
     * @param maxSize {@code group.consumer.max.size}
     * @param assignors {@code group.consumer.assignors}: built-in names or class names, the first is the default
     * @param migrationPolicy {@code group.consumer.migration.policy}: disabled, upgrade, downgrade or bidirectional
     */
    public record ConsumerGroups(
            Bounded sessionTimeout,
            Bounded heartbeatInterval,
            Duration assignmentInterval,
            int maxSize,
            List<String> assignors,
            String migrationPolicy) {
        /** Copies the list. */
        public ConsumerGroups {
            assignors = List.copyOf(assignors);
        }

        /** Kafka's defaults. */
        public static ConsumerGroups defaults() {
            return new ConsumerGroups(
                    new Bounded(Duration.ofSeconds(45), Duration.ofSeconds(45), Duration.ofSeconds(60)),
                    new Bounded(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(15)),
                    Duration.ofSeconds(1),
                    Integer.MAX_VALUE,
                    List.of("uniform", "range"),
                    "bidirectional");
        }
    }

    /**
     * A duration that single groups may set within bounds.
     *
     * @param value what a group has that set none
     */
    public record Bounded(Duration value, Duration min, Duration max) {}

    /** Kafka's defaults. */
    public static GroupCoordinatorSettings defaults() {
        return new GroupCoordinatorSettings(
                4,
                2,
                64L << 20,
                Duration.ofSeconds(5),
                Offsets.defaults(),
                ClassicGroups.defaults(),
                ConsumerGroups.defaults());
    }

    /** The same under Kafka's names. */
    Map<String, String> toKafka() {
        Map<String, String> kafka = new TreeMap<>();
        kafka.put("group.coordinator.threads", Integer.toString(threads));
        kafka.put("group.coordinator.background.threads", Integer.toString(backgroundThreads));
        kafka.put("offsets.commit.timeout.ms", ms(offsets.commitTimeout));
        kafka.put("offset.metadata.max.bytes", Integer.toString(offsets.maxMetadataBytes));
        kafka.put("offsets.retention.minutes", Long.toString(offsets.retention.toMinutes()));
        kafka.put("offsets.retention.check.interval.ms", ms(offsets.retentionCheckInterval));
        kafka.put("group.min.session.timeout.ms", ms(classic.minSessionTimeout));
        kafka.put("group.max.session.timeout.ms", ms(classic.maxSessionTimeout));
        kafka.put("group.initial.rebalance.delay.ms", ms(classic.initialRebalanceDelay));
        kafka.put("group.max.size", Integer.toString(classic.maxSize));
        kafka.put("group.consumer.session.timeout.ms", ms(consumer.sessionTimeout.value));
        kafka.put("group.consumer.min.session.timeout.ms", ms(consumer.sessionTimeout.min));
        kafka.put("group.consumer.max.session.timeout.ms", ms(consumer.sessionTimeout.max));
        kafka.put("group.consumer.heartbeat.interval.ms", ms(consumer.heartbeatInterval.value));
        kafka.put("group.consumer.min.heartbeat.interval.ms", ms(consumer.heartbeatInterval.min));
        kafka.put("group.consumer.max.heartbeat.interval.ms", ms(consumer.heartbeatInterval.max));
        kafka.put("group.consumer.assignment.interval.ms", ms(consumer.assignmentInterval));
        kafka.put("group.consumer.max.size", Integer.toString(consumer.maxSize));
        kafka.put("group.consumer.assignors", String.join(",", consumer.assignors));
        kafka.put("group.consumer.migration.policy", consumer.migrationPolicy);
        return kafka;
    }

    private static String ms(Duration duration) {
        return Long.toString(duration.toMillis());
    }
}
