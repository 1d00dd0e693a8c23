package io.kafscale.log.partition;

import io.kafscale.log.LogException;

/** Whoever runs the partitions: told what concerns their background work and their end. Called on the log loop. */
public interface PartitionListener {
    /** The high watermark moved: something more waits to become a segment. */
    default void committed(PartitionLog partition) {}

    /** The metadata store says that somebody else leads the partition; it has been closed. */
    default void lost(PartitionLog partition, LogException cause) {}
}
