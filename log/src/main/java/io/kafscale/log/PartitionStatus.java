package io.kafscale.log;

import io.kafscale.metastore.cluster.PartitionId;

/**
 * A led partition, for those who describe it.
 *
 * @param logEndOffset the next offset to be assigned; above the high watermark what is not yet durable
 * @param sizeBytes bytes of readable records, in segments and in the WAL
 */
public record PartitionStatus(
        PartitionId partition,
        int leaderEpoch,
        long logStartOffset,
        long segmentEndOffset,
        long highWatermark,
        long logEndOffset,
        long sizeBytes) {}
