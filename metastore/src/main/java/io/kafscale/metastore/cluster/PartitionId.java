package io.kafscale.metastore.cluster;

import java.util.UUID;

/** Names a partition for ever: the id of its topic, not the name, and its number. Immutable. */
public record PartitionId(UUID topicId, int partition) {
    /** Checks the number. */
    public PartitionId {
        if (partition < 0) {
            throw new IllegalArgumentException("a partition is numbered from 0, not " + partition);
        }
    }

    @Override
    public String toString() {
        return topicId + "/" + partition;
    }
}
