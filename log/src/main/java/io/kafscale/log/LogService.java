package io.kafscale.log;

import io.kafscale.metastore.cluster.PartitionId;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * The log of every partition this broker leads, as request handlers see it. Thread-safe: each call hops to the log loop, calls made
 * by one thread enter it in their order, and futures complete on the log loop (do nothing slow there). Futures fail with
 * {@link LogException} only.
 */
public interface LogService {
    /**
     * Appends batches. Waits (in arrival order) while the broker's buffer is full.
     *
     * <p>Fails with NOT_LEADER, UNKNOWN_PARTITION, FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH, OUT_OF_ORDER_SEQUENCE,
     * INVALID_PRODUCER_EPOCH, DUPLICATE_SEQUENCE, TIMED_OUT, STORAGE_UNAVAILABLE or CLOSED.
     */
    CompletableFuture<AppendResult> append(AppendRequest request);

    /** Reads; per-partition failures are parts of the result. */
    CompletableFuture<FetchResult> fetch(FetchQuery query);

    /** Looks up an offset. */
    CompletableFuture<OffsetAnswer> lookup(PartitionId partition, OffsetQuery query);

    /** Where the given leader epoch ended (KIP-320). */
    CompletableFuture<EpochEnd> endOfEpoch(PartitionId partition, int leaderEpoch);

    /**
     * Moves the log start offset up to {@code beforeOffset} ({@code -1}: to the high watermark); what lies below is deleted later.
     *
     * @return the log start offset afterwards; fails with OFFSET_OUT_OF_RANGE above the high watermark, POLICY_VIOLATION on a topic
     *     that keeps everything
     */
    CompletableFuture<Long> deleteRecords(PartitionId partition, long beforeOffset);

    /** The idempotent producers the partition knows. */
    CompletableFuture<List<ActiveProducer>> producers(PartitionId partition);

    /** The partition's offsets and size. */
    CompletableFuture<PartitionStatus> status(PartitionId partition);

    /** Completes when every partition of a topic has a leader that is alive and those led here are open, or the topic is gone. */
    CompletableFuture<Void> ready(UUID topicId);

    /**
     * Whether it is certain that nobody had taken this broker's place a few seconds ago. One that was fenced and has not come back,
     * or reaches neither store, leads nothing for all it knows, and what it knows about others may be old.
     */
    boolean isIncumbent();

    /** Closes the open WAL object and waits until everything appended before this call is durable. */
    CompletableFuture<Void> flush();
}
