package io.kafscale.metastore;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A strongly consistent, ordered key-value store. Every committed transaction gets the next revision. Thread-safe. Futures fail
 * with {@link MetadataException} only and complete on any thread; a failure of kind
 * {@link MetadataException.Kind#OUTCOME_UNKNOWN} means a write may have been applied or may be applied later, and the caller reads
 * back before its next step. No implementation retries a write by itself.
 */
public interface MetadataStore extends AutoCloseable {
    /** The current value of {@code key}, linearizable. */
    CompletableFuture<Optional<KeyValue>> get(String key);

    /** All keys that start with {@code prefix}, in ascending order of their UTF-8 bytes, as of one revision. */
    CompletableFuture<RangeResult> range(String prefix);

    /** Applies the transaction's writes atomically if all its conditions hold. */
    CompletableFuture<CommitResult> commit(Transaction transaction);

    /**
     * Reports every change under {@code prefix} from {@code fromRevision} on, in revision order, each revision whole. Reconnects by
     * itself; if the revisions it needs were compacted it says so once and ends.
     *
     * @param fromRevision the first revision to report, usually {@link RangeResult#revision()} + 1
     * @return closing it ends the reports
     */
    Watch watch(String prefix, long fromRevision, WatchListener listener);

    /** A lease that this store keeps alive until it is revoked, lost, left to run out or closed. Keys attached to it go when it ends. */
    CompletableFuture<Lease> grantLease(Duration timeToLive);

    /**
     * Lets the store forget the history up to {@code revision}, which it has reached: current values stay, and a watch that still
     * needs one of these revisions is told so. History that is gone already is no failure, and a store may keep more than it has to.
     */
    CompletableFuture<Void> compact(long revision);

    /** What and where this is, for messages. */
    String describe();

    /** Ends watches and keep-alives and releases connections and locks. */
    @Override
    void close();

    /** A running watch. */
    interface Watch extends AutoCloseable {
        /** Ends the reports; one that is under way may still arrive. */
        @Override
        void close();
    }
}
