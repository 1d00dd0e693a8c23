package io.kafscale.log;

import java.util.UUID;

/** A partition of one topic incarnation: the topic's id, not its name, so that a topic created again is another one. */
public record PartitionId(UUID topicId, int partition) {
    @Override
    public String toString() {
        return topicId + "-" + partition;
    }
}
