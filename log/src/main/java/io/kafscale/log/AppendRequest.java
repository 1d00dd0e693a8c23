package io.kafscale.log;

import io.kafscale.metastore.cluster.PartitionId;
import java.nio.ByteBuffer;
import java.util.OptionalInt;

/**
 * Validated record batches to append to one partition, all or none.
 *
 * @param partition where to
 * @param batches one or more whole Kafka v2 record batches, validated, in a writable heap buffer between position and limit. The
 *     buffer belongs to the log from here on: it writes base offset and leader epoch into the batch headers in place
 * @param acknowledge when the append's future completes
 * @param deadlineNanos monotonic time after which an append that is still waiting for buffer space is refused, and one that waits
 *     for durability fails with {@link LogException.Kind#TIMED_OUT}; an append that need not wait for space is made even if it has
 *     passed already
 * @param currentLeaderEpoch the epoch the client believes in, if it said so
 */
public record AppendRequest(
        PartitionId partition,
        ByteBuffer batches,
        Acknowledge acknowledge,
        long deadlineNanos,
        OptionalInt currentLeaderEpoch) {
    /** When an append is answered. */
    public enum Acknowledge {
        /** Once offsets are assigned, in memory only ({@code acks=0} and {@code acks=1}). */
        ASSIGNED,
        /** Once the high watermark has passed the last record: the object store holds it ({@code acks=all}). */
        DURABLE
    }
}
