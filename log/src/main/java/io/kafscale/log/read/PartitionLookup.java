package io.kafscale.log.read;

import io.kafscale.log.LogException;
import io.kafscale.log.partition.PartitionLog;
import io.kafscale.metastore.cluster.PartitionId;

/** Finds the partitions that this broker leads. Called on the log loop. */
@FunctionalInterface
public interface PartitionLookup {
    /**
     * The partition.
     *
     * @throws LogException NOT_LEADER, UNKNOWN_PARTITION or CLOSED
     */
    PartitionLog leading(PartitionId partition);
}
