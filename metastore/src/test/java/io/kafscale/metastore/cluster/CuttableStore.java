package io.kafscale.metastore.cluster;

import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.ForwardingMetadataStore;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.RangeResult;
import io.kafscale.metastore.Transaction;
import io.kafscale.metastore.WatchListener;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A store whose watch can be cut, so that it misses changes and then is told that they were compacted. For one thread. */
final class CuttableStore extends ForwardingMetadataStore {
    private final MetadataStore store;
    private @Nullable Watch watch;
    private @Nullable WatchListener listener;
    private int failingRanges;
    private int lostAnswers;
    private final List<Long> compactions = new ArrayList<>();

    CuttableStore(MetadataStore store) {
        super(store);
        this.store = store;
    }

    /** From now on the watch reports nothing. */
    void cut() {
        if (watch != null) {
            watch.close();
        }
    }

    /** Tells the watch that was cut. */
    void tellCompacted() {
        if (listener != null) {
            listener.onCompacted();
        }
    }

    /** Lets the next listings fail. */
    void failRanges(int count) {
        failingRanges = count;
    }

    /** Lets the next commits arrive without their answers. */
    void loseAnswers(int count) {
        lostAnswers = count;
    }

    /** What was compacted through this, in order. */
    List<Long> compactions() {
        return List.copyOf(compactions);
    }

    /** Repeats to the listener what it was told before. */
    void repeat(long revision, List<WatchListener.Change> changes) {
        if (listener != null) {
            listener.onChanges(revision, changes);
        }
    }

    @Override
    public CompletableFuture<RangeResult> range(String prefix) {
        if (failingRanges > 0) {
            failingRanges--;
            return CompletableFuture.failedFuture(new MetadataException(Kind.UNAVAILABLE, "not now"));
        }
        return store.range(prefix);
    }

    @Override
    public CompletableFuture<CommitResult> commit(Transaction transaction) {
        if (lostAnswers > 0) {
            lostAnswers--;
            return store.commit(transaction)
                    .handle((_, _) -> null)
                    .thenCompose(_ -> CompletableFuture.failedFuture(
                            new MetadataException(Kind.OUTCOME_UNKNOWN, "the answer was lost")));
        }
        return store.commit(transaction);
    }

    @Override
    public Watch watch(String prefix, long fromRevision, WatchListener told) {
        listener = told;
        watch = store.watch(prefix, fromRevision, told);
        return watch;
    }

    @Override
    public CompletableFuture<Void> compact(long revision) {
        compactions.add(revision);
        return store.compact(revision);
    }
}
