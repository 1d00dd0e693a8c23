package io.kafscale.log;

import io.kafscale.metastore.cluster.PartitionId;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * The answer to a {@link FetchQuery}, one part per partition, in the same order. Whoever gets it releases it once.
 *
 * @param parts same size and order as the query's
 * @param release to be called when the slices have been used, on any thread: then their memory may be used for something else. What
 *     is never released is memory lost
 */
public record FetchResult(List<Part> parts, Runnable release) {
    /** Copies the list. */
    public FetchResult {
        parts = List.copyOf(parts);
    }

    /** An answer whose slices nobody uses again. */
    public FetchResult(List<Part> parts) {
        this(parts, () -> {});
    }

    /** One partition's answer. */
    public sealed interface Part {
        /** The partition. */
        PartitionId partition();
    }

    /**
     * Records, possibly none.
     *
     * @param highWatermark the offset after the last durable record
     * @param logStartOffset the first readable offset
     * @param records whole batches as slices of shared memory: read-only, and not written again before the result is released
     * @param sizeInBytes of all slices
     * @param divergence where the client's log leaves ours, when its last fetched epoch says so
     */
    public record Records(
            PartitionId partition,
            long highWatermark,
            long logStartOffset,
            List<ByteBuffer> records,
            int sizeInBytes,
            Optional<EpochEnd> divergence)
            implements Part {}

    /** The partition could not be read. */
    public record Failed(PartitionId partition, LogException cause) implements Part {}
}
