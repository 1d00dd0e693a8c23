package io.kafscale.metastore.etcd;

import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.Lease;
import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.RangeResult;
import io.kafscale.metastore.Transaction;
import io.kafscale.metastore.WatchListener;
import io.kafscale.testkit.net.Direction;
import io.kafscale.testkit.net.TcpProxy;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A store whose first commit is sent and whose answer the proxy holds back. For one thread. */
final class AnswersHeldAtCommit implements MetadataStore {
    private final MetadataStore store;
    private final TcpProxy proxy;
    private boolean held;

    AnswersHeldAtCommit(MetadataStore store, TcpProxy proxy) {
        this.store = store;
        this.proxy = proxy;
    }

    @Override
    public CompletableFuture<CommitResult> commit(Transaction transaction) {
        if (!held) {
            held = true;
            proxy.hold(Direction.TO_CLIENT);
        }
        return store.commit(transaction);
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
