package io.kafscale.metastore;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Asks another store everything: for tests that come between with some of the calls. As thread-safe as that store; closing it closes that one. */
public abstract class ForwardingMetadataStore implements MetadataStore {
    private final MetadataStore store;

    /** Comes before {@code store}. */
    protected ForwardingMetadataStore(MetadataStore store) {
        this.store = store;
    }

    @Override
    public CompletableFuture<Optional<KeyValue>> get(String key) {
        return store.get(key);
    }

    @Override
    public CompletableFuture<RangeResult> range(String prefix) {
        return store.range(prefix);
    }

    @Override
    public CompletableFuture<CommitResult> commit(Transaction transaction) {
        return store.commit(transaction);
    }

    @Override
    public Watch watch(String prefix, long fromRevision, WatchListener listener) {
        return store.watch(prefix, fromRevision, listener);
    }

    @Override
    public CompletableFuture<Lease> grantLease(Duration timeToLive) {
        return store.grantLease(timeToLive);
    }

    @Override
    public CompletableFuture<Void> compact(long revision) {
        return store.compact(revision);
    }

    @Override
    public String describe() {
        return store.describe();
    }

    @Override
    public void close() {
        store.close();
    }
}
