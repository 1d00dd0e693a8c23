package io.kafscale.metastore.cluster;

import java.util.Map;
import java.util.UUID;

/**
 * A topic. Immutable.
 *
 * @param id never used for another topic
 * @param directory where its segments are: {@code {name}} for the first topic of a name, {@code {name}~{n}} for later ones; never
 *     used for another topic
 * @param partitions how many it has; partition records exist from their first leader on
 * @param configs what was set explicitly, in Kafka's names
 * @param createdMs wall clock, milliseconds since the epoch
 * @param generationNumber 1 for the first topic of this name, 2 for the next ...
 * @param timestampLeadMs how far ahead of its append the timestamp of a record may lie, by the most generous of all configs that the
 *     topic ever had: searches by time rely on it, and records outlive the config under which they were accepted
 */
public record TopicRecord(
        UUID id,
        String name,
        String directory,
        int partitions,
        Map<String, String> configs,
        long createdMs,
        long generationNumber,
        long timestampLeadMs) {
    /** The config that bounds how far ahead a timestamp may lie, and Kafka's default of it. */
    private static final String TIMESTAMP_LEAD = "message.timestamp.after.max.ms";

    private static final long DEFAULT_TIMESTAMP_LEAD_MS = 3_600_000;

    /** Checks the values and copies the map. */
    public TopicRecord {
        if (partitions <= 0 || generationNumber <= 0) {
            throw new IllegalArgumentException("topic '" + name + "' cannot have " + partitions
                    + " partitions and generation " + generationNumber);
        }
        configs = Map.copyOf(configs);
    }

    /**
     * The directory of the {@code generationNumber}-th topic of a name; {@code ~} is in no topic name. Directories with a leading dot
     * belong to the namespace itself ({@code .wal}), so a topic called like that carries the number from the first one on.
     */
    public static String directoryOf(String name, long generationNumber) {
        return generationNumber == 1 && name.charAt(0) != '.' ? name : name + "~" + generationNumber;
    }

    /** How far ahead these configs let the timestamp of a record lie. */
    public static long timestampLeadMs(Map<String, String> configs) {
        String set = configs.get(TIMESTAMP_LEAD);
        return set == null ? DEFAULT_TIMESTAMP_LEAD_MS : Long.parseLong(set.trim());
    }

    /** The topic with other configs. */
    public TopicRecord withConfigs(Map<String, String> changed) {
        long leadMs = Math.max(timestampLeadMs, timestampLeadMs(changed));
        return new TopicRecord(id, name, directory, partitions, changed, createdMs, generationNumber, leadMs);
    }

    /**
     * The topic with more partitions.
     *
     * @throws IllegalStateException if {@code total} is not more than it has
     */
    public TopicRecord withPartitions(int total) {
        if (total <= partitions) {
            throw new IllegalStateException(
                    "topic '" + name + "' has " + partitions + " partitions and cannot go to " + total);
        }
        return new TopicRecord(id, name, directory, total, configs, createdMs, generationNumber, timestampLeadMs);
    }

    /** What remains of it when it is deleted. */
    public TopicTombstone deleted(long deletedMs) {
        return new TopicTombstone(id, name, directory, partitions, deletedMs);
    }
}
