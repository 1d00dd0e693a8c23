package io.kafscale.metastore.cluster;

import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.RangeResult;
import io.kafscale.metastore.Transaction;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The identity of the cluster in the metadata store. Thread-safe; futures complete on the loop of the access. */
public final class ClusterStore {
    private final MetadataAccess access;
    private final SettledCommits commits;
    private final Rounds rounds;
    private final OnLoop onLoop;

    /** The cluster of the access' namespace. */
    public ClusterStore(MetadataAccess access) {
        this.access = access;
        this.commits = new SettledCommits(access);
        this.rounds = new Rounds(access);
        this.onLoop = new OnLoop(access.loop());
    }

    /** The cluster's record; empty in a namespace that was never used. */
    public CompletableFuture<Optional<Versioned<ClusterRecord>>> get() {
        return onLoop.run(() -> read().thenApply(stored -> stored.map(ClusterStore::decode)));
    }

    /** Writes {@code record} if there is none, and returns the one that is there afterwards, which may be another's. */
    public CompletableFuture<Versioned<ClusterRecord>> createIfAbsent(ClusterRecord record) {
        String key = access.keys().cluster();
        return rounds.run(
                "creating the cluster record",
                () -> read().thenCompose(stored -> {
                    if (stored.isPresent()) {
                        return CompletableFuture.completedFuture(Optional.of(decode(stored.get())));
                    }
                    return commits.commit(Transaction.builder()
                                    .requireAbsent(key)
                                    .put(key, RecordJson.encode(record))
                                    .build())
                            .thenApply(answer -> answer instanceof CommitResult.Committed committed
                                    ? Optional.of(new Versioned<>(record, committed.revision()))
                                    : Optional.empty());
                }));
    }

    /**
     * Whether a broker has ever been registered: each leaves the record of its stream for ever, and none appends or leads before.
     * Topics alone say nothing, since they may have been created before the first broker came up.
     */
    public CompletableFuture<Boolean> hadBrokers() {
        return onLoop.run(() -> onLoop.hop(access.store().range(access.keys().streamsPrefix()))
                .thenApply(found -> !found.keys().isEmpty()));
    }

    /** The store's revision now: what tells metadata restored from an old copy. */
    public CompletableFuture<Long> revision() {
        return onLoop.run(
                () -> onLoop.hop(access.store().range(access.keys().cluster())).thenApply(RangeResult::revision));
    }

    private CompletableFuture<Optional<KeyValue>> read() {
        return onLoop.hop(access.store().get(access.keys().cluster()));
    }

    private static Versioned<ClusterRecord> decode(KeyValue stored) {
        return new Versioned<>(RecordJson.cluster(stored), stored.modRevision());
    }
}
