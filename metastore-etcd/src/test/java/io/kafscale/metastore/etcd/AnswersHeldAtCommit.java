package io.kafscale.metastore.etcd;

import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.ForwardingMetadataStore;
import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.Transaction;
import io.kafscale.testkit.net.Direction;
import io.kafscale.testkit.net.TcpProxy;
import java.util.concurrent.CompletableFuture;

/** A store whose first commit is sent and whose answer the proxy holds back. For one thread. */
final class AnswersHeldAtCommit extends ForwardingMetadataStore {
    private final MetadataStore store;
    private final TcpProxy proxy;
    private boolean held;

    AnswersHeldAtCommit(MetadataStore store, TcpProxy proxy) {
        super(store);
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
}
