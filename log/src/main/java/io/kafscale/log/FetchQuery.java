package io.kafscale.log;

import io.kafscale.metastore.cluster.PartitionId;
import java.util.List;
import java.util.OptionalInt;

/**
 * A fetch over several partitions. It completes when {@code minBytes} are there, when any partition has an error, or at
 * {@code deadlineNanos} with what there is; woken by the high watermark, never by polling.
 *
 * @param partitions in the order the client wants them served
 * @param minBytes park until this many bytes are readable
 * @param maxBytes at most this many bytes of records in all, but never less than one batch if there is one
 * @param deadlineNanos monotonic time at which a parked fetch answers
 * @param room asked before anything is read
 */
public record FetchQuery(List<Part> partitions, int minBytes, int maxBytes, long deadlineNanos, Room room) {
    /** Copies the list. */
    public FetchQuery {
        partitions = List.copyOf(partitions);
    }

    /** A fetch for which there is always room. */
    public FetchQuery(List<Part> partitions, int minBytes, int maxBytes, long deadlineNanos) {
        this(partitions, minBytes, maxBytes, deadlineNanos, wanted -> wanted);
    }

    /** Bounds what answers that nobody has taken yet keep in memory. */
    @FunctionalInterface
    public interface Room {
        /**
         * How much of what can be read now may be read. Called on the log loop, once for every attempt to read; must not block.
         *
         * @param wantedBytes more than 0
         * @return 0 for nothing, else at most this many bytes, or one batch where that is larger
         */
        int grant(int wantedBytes);
    }

    /**
     * What to read of one partition.
     *
     * @param offset the first offset wanted; the answer starts at the batch that contains it
     * @param maxBytes at most this many bytes, but at least one batch where it is the first with data
     * @param currentLeaderEpoch the epoch the client believes in, if it said so
     * @param lastFetchedEpoch the epoch of the record before {@code offset}, if the client said so (KIP-595 truncation detection)
     */
    public record Part(
            PartitionId partition,
            long offset,
            int maxBytes,
            OptionalInt currentLeaderEpoch,
            OptionalInt lastFetchedEpoch) {}
}
