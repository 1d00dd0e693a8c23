package io.kafscale.log.engine;

import io.kafscale.log.LogException;
import io.kafscale.log.segment.StoredPartition;
import io.kafscale.metastore.cluster.ClusterDelta;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.PartitionId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;

/**
 * Partitions that a session led and has given up, for as long as chunks of theirs in its stream are needed: they stay in the store
 * until the record, written by whoever leads now, says that segments or the log start cover them. Log loop only.
 */
final class FormerPartitions {
    private final Map<PartitionId, StoredPartition> partitions = new LinkedHashMap<>();

    /** A partition was given up; it is closed. */
    void add(StoredPartition partition) {
        StoredPartition before = partitions.put(partition.id(), partition);
        if (before != null) {
            throw new IllegalStateException(partition.place() + " was given up twice");
        }
    }

    /** The session leads a partition again, perhaps one it had given up: the new one answers for all chunks. */
    void ledAgain(StoredPartition partition) {
        StoredPartition former = partitions.remove(partition.id());
        if (former != null) {
            partition.succeed(former);
        }
    }

    /** Records changed, and topics may have gone. */
    void follow(ClusterImage image, ClusterDelta delta) {
        if (partitions.isEmpty()) {
            return;
        }
        for (PartitionId id : delta.partitions()) {
            StoredPartition former = partitions.get(id);
            if (former != null) {
                image.partition(id).ifPresent(former::observe);
                forgetIfFree(former);
            }
        }
        var gone = new TreeSet<>(delta.deletedTopics());
        gone.forEach(topicId -> partitions.values().removeIf(former -> {
            boolean deleted = former.id().topicId().equals(topicId);
            if (deleted) {
                former.tombstone(new LogException(
                        LogException.Kind.UNKNOWN_PARTITION, "topic " + former.place() + " was deleted"));
            }
            return deleted;
        }));
    }

    private void forgetIfFree(StoredPartition former) {
        if (former.waiting().isEmpty()) {
            partitions.remove(former.id(), former);
        }
    }

    /** How many there are. */
    int size() {
        return partitions.size();
    }
}
