package io.kafscale.metastore.cluster;

import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.ForwardingMetadataStore;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.Lease;
import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.RangeResult;
import io.kafscale.metastore.Transaction;
import io.kafscale.metastore.WatchListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Writes down what another store is asked, by the names of the methods. Belongs to one loop; closing it closes nothing. */
final class CountingStore extends ForwardingMetadataStore {
    private final MetadataStore store;
    private final List<String> calls = new ArrayList<>();

    CountingStore(MetadataStore store) {
        super(store);
        this.store = store;
    }

    List<String> calls() {
        return List.copyOf(calls);
    }

    @Override
    public CompletableFuture<Optional<KeyValue>> get(String key) {
        calls.add("get");
        return store.get(key);
    }

    @Override
    public CompletableFuture<RangeResult> range(String prefix) {
        calls.add("range");
        return store.range(prefix);
    }

    @Override
    public CompletableFuture<CommitResult> commit(Transaction transaction) {
        calls.add("commit");
        return store.commit(transaction);
    }

    @Override
    public Watch watch(String prefix, long fromRevision, WatchListener listener) {
        calls.add("watch");
        return store.watch(prefix, fromRevision, listener);
    }

    @Override
    public CompletableFuture<Lease> grantLease(Duration timeToLive) {
        calls.add("grantLease");
        return store.grantLease(timeToLive);
    }

    @Override
    public CompletableFuture<Void> compact(long revision) {
        calls.add("compact");
        return store.compact(revision);
    }

    @Override
    public void close() {}
}
