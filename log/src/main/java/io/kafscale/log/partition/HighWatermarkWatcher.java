package io.kafscale.log.partition;

/** Whoever waits for a partition to have more. Called on the log loop; must not append, fetch or unwatch others from within. */
public interface HighWatermarkWatcher {
    /** That many more bytes can be read of the partition. */
    void advanced(PartitionLog partition, long bytes);

    /** The partition is not led here any more. */
    void closed(PartitionLog partition);
}
