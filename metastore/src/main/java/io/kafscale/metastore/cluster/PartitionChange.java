package io.kafscale.metastore.cluster;

import org.jspecify.annotations.Nullable;

/**
 * One partition record to be written if nobody wrote it since it was read. Immutable.
 *
 * @param record what it shall be
 * @param expectedModRevision the revision that last wrote it, or 0 if it does not exist
 * @param topic for a record that does not exist yet, the key of its topic as its first leader knows it: a topic that was deleted
 *     meanwhile gets no record any more
 */
public record PartitionChange(
        PartitionRecord record,
        long expectedModRevision,
        @Nullable Guard topic) {
    /** Checks that a new record comes with its topic. */
    public PartitionChange {
        if ((expectedModRevision == 0) != (topic != null)) {
            throw new IllegalArgumentException(
                    "a partition record is created under its topic, and only changed afterwards: " + record.id());
        }
    }

    /** The first record of a partition of {@code topic}, as the image has that topic. */
    public static PartitionChange create(
            MetadataKeys keys, Versioned<TopicRecord> topic, int partition, BrokerIncarnation leader) {
        return new PartitionChange(
                PartitionRecord.first(topic.value().id(), partition, leader),
                0,
                new Guard(keys.topic(topic.value().name()), topic.modRevision()));
    }

    /** The next record of a partition after {@code read}. */
    public static PartitionChange update(Versioned<PartitionRecord> read, PartitionRecord next) {
        if (!read.value().id().equals(next.id())) {
            throw new IllegalArgumentException(
                    next.id() + " does not follow " + read.value().id());
        }
        return new PartitionChange(next, read.modRevision(), null);
    }
}
