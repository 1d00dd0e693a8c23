package io.kafscale.coordinator;

import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.Lease;
import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.RangeResult;
import io.kafscale.metastore.Transaction;
import io.kafscale.metastore.WatchListener;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** A store in memory that answers at once. Thread-safe. */
final class MemoryMetadataStore implements MetadataStore {
    private final TreeMap<String, KeyValue> keys = new TreeMap<>();
    private long revision;
    private long commits;

    @Override
    public CompletableFuture<Optional<KeyValue>> get(String key) {
        return CompletableFuture.completedFuture(read(key));
    }

    synchronized Optional<KeyValue> read(String key) {
        return Optional.ofNullable(keys.get(key));
    }

    @Override
    public CompletableFuture<RangeResult> range(String prefix) {
        return CompletableFuture.completedFuture(list(prefix));
    }

    synchronized RangeResult list(String prefix) {
        return new RangeResult(
                revision,
                List.copyOf(keys.subMap(prefix, prefix + Character.MAX_VALUE).values()));
    }

    @Override
    public CompletableFuture<CommitResult> commit(Transaction transaction) {
        return CompletableFuture.completedFuture(apply(transaction));
    }

    synchronized CommitResult apply(Transaction transaction) {
        Map<String, Optional<KeyValue>> current = new HashMap<>();
        boolean holds = true;
        for (var condition : transaction.expected().entrySet()) {
            Optional<KeyValue> now = read(condition.getKey());
            current.put(condition.getKey(), now);
            holds &= now.map(KeyValue::modRevision).orElse(0L).equals(condition.getValue());
        }
        if (!holds) {
            return new CommitResult.Conflict(current);
        }
        revision++;
        commits++;
        for (Transaction.Write write : transaction.writes()) {
            switch (write) {
                case Transaction.Write.Put put -> {
                    KeyValue before = keys.get(put.key());
                    long created = before == null ? revision : before.createRevision();
                    keys.put(put.key(), new KeyValue(put.key(), put.value(), created, revision, put.leaseId()));
                }
                case Transaction.Write.Delete delete -> keys.remove(delete.key());
            }
        }
        return new CommitResult.Committed(revision);
    }

    synchronized long revision() {
        return revision;
    }

    /** Transactions applied so far. */
    synchronized long commits() {
        return commits;
    }

    @Override
    public Watch watch(String prefix, long fromRevision, WatchListener listener) {
        throw new UnsupportedOperationException("the coordinator watches nothing");
    }

    @Override
    public CompletableFuture<Lease> grantLease(Duration timeToLive) {
        throw new UnsupportedOperationException("the coordinator needs no lease");
    }

    @Override
    public CompletableFuture<Void> compact(long revision) {
        throw new UnsupportedOperationException("the coordinator compacts nothing");
    }

    @Override
    public String describe() {
        return "memory";
    }

    @Override
    public void close() {}
}
