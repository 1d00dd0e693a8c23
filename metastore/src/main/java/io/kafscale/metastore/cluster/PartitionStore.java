package io.kafscale.metastore.cluster;

import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.Transaction;
import io.kafscale.runtime.FutureFailure;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes partition records. Thread-safe; futures complete on the loop of the access.
 */
public final class PartitionStore {
    /** The most partitions of one transaction; leaves room for guards. */
    static final int BATCH = 120;

    private final MetadataAccess access;
    private final MetadataKeys keys;
    private final SettledCommits commits;
    private final OnLoop onLoop;

    /** Partitions of the access' namespace. */
    public PartitionStore(MetadataAccess access) {
        this.access = access;
        this.keys = access.keys();
        this.commits = new SettledCommits(access);
        this.onLoop = new OnLoop(access.loop());
    }

    /** The record of one partition, if it ever had a leader; for deciding, not for serving requests. */
    public CompletableFuture<Optional<Versioned<PartitionRecord>>> get(PartitionId id) {
        return onLoop.run(() -> onLoop.hop(access.store().get(keys.partition(id)))
                .thenApply(stored -> stored.map(key -> decode(id, key))));
    }

    /** The records of a topic's partitions by number. */
    public CompletableFuture<Map<Integer, Versioned<PartitionRecord>>> ofTopic(UUID topicId) {
        return onLoop.run(() -> onLoop.hop(access.store().range(keys.partitionsOf(topicId)))
                .thenApply(listing -> {
                    var records = new HashMap<Integer, Versioned<PartitionRecord>>();
                    for (KeyValue stored : listing.keys()) {
                        if (ImageKey.parse(keys, stored.key()).orElse(null) instanceof ImageKey.Partition key) {
                            records.put(key.id().partition(), decode(key.id(), stored));
                        }
                    }
                    return records;
                }));
    }

    /**
     * The streams that the tenures of any partition name, of deleted topics too. Fails with {@link MetadataException} of kind CORRUPT
     * if a record cannot be read: what it names is not known then.
     */
    public CompletableFuture<Set<BrokerIncarnation>> namedStreams() {
        return onLoop.run(() -> onLoop.hop(access.store().range(keys.partitionsPrefix()))
                .thenApply(listing -> {
                    Set<BrokerIncarnation> named = new HashSet<>();
                    for (KeyValue stored : listing.keys()) {
                        if (ImageKey.parse(keys, stored.key()).orElse(null) instanceof ImageKey.Partition key) {
                            decode(key.id(), stored).value().tenures().forEach(tenure -> named.add(tenure.stream()));
                        } else {
                            throw new MetadataException(
                                    Kind.CORRUPT, stored.key() + " is not the key of a partition record");
                        }
                    }
                    return named;
                }));
    }

    /**
     * Writes each change whose record nobody wrote since, as long as all guards hold. Changes are independent: one that was
     * overtaken does not hold back the others. Many go in one transaction.
     *
     * @param guards keys that must be as expected, usually the writer's own registration and stream; at most 8
     * @return what became of each change, in their order; fails only if it was called wrongly
     * @throws IllegalArgumentException if two changes are of one partition, or there are more than 8 guards
     */
    public CompletableFuture<List<PartitionOutcome>> commit(List<PartitionChange> changes, List<Guard> guards) {
        Set<PartitionId> ids = new HashSet<>();
        for (PartitionChange change : changes) {
            if (!ids.add(change.record().id())) {
                throw new IllegalArgumentException(
                        "two changes of partition " + change.record().id());
            }
        }
        if (guards.size() > Transaction.MAX_OPERATIONS - BATCH) {
            throw new IllegalArgumentException("more than " + (Transaction.MAX_OPERATIONS - BATCH) + " guards");
        }
        return onLoop.run(() -> new Commit(changes, guards).start());
    }

    private static Versioned<PartitionRecord> decode(PartitionId id, KeyValue stored) {
        return new Versioned<>(RecordJson.partition(id, stored), stored.modRevision());
    }

    /** One call of {@link #commit}: batches one after the other, until every change has an outcome. */
    private final class Commit {
        private final List<PartitionChange> changes;
        private final List<Guard> guards;
        private final List<PartitionChange> left;
        private final Map<PartitionId, PartitionOutcome> outcomes = new HashMap<>();
        private final CompletableFuture<List<PartitionOutcome>> result = new CompletableFuture<>();

        Commit(List<PartitionChange> changes, List<Guard> guards) {
            this.changes = List.copyOf(changes);
            this.guards = List.copyOf(guards);
            this.left = new ArrayList<>(changes);
        }

        CompletableFuture<List<PartitionOutcome>> start() {
            next();
            return result;
        }

        private void next() {
            if (left.isEmpty()) {
                result.complete(changes.stream()
                        .map(change -> outcomes.get(change.record().id()))
                        .toList());
                return;
            }
            Transaction.Builder transaction = Transaction.builder();
            guards.forEach(guard -> transaction.require(guard.key(), guard.modRevision()));
            List<PartitionChange> batch = fill(transaction);
            if (batch.isEmpty()) {
                next();
                return;
            }
            commits.commit(transaction.build()).whenComplete((answer, failure) -> {
                settle(batch, answer, failure);
                left.removeIf(change -> outcomes.containsKey(change.record().id()));
                next();
            });
        }

        /** As many changes as fit; one that names another revision of a topic than one before it waits for the next batch. */
        private List<PartitionChange> fill(Transaction.Builder transaction) {
            var batch = new ArrayList<PartitionChange>();
            Map<String, Long> topics = new LinkedHashMap<>();
            for (PartitionChange change : left) {
                Guard topic = change.topic();
                if (topic != null && topics.getOrDefault(topic.key(), topic.modRevision()) != topic.modRevision()) {
                    continue;
                }
                boolean full = batch.size() >= BATCH || transaction.operations() + 2 > Transaction.MAX_OPERATIONS;
                if (full) {
                    break;
                }
                String key = keys.partition(change.record().id());
                if (topic != null) {
                    topics.put(topic.key(), topic.modRevision());
                    transaction.require(topic.key(), topic.modRevision());
                }
                transaction.require(key, change.expectedModRevision()).put(key, RecordJson.encode(change.record()));
                batch.add(change);
            }
            return batch;
        }

        private void settle(List<PartitionChange> batch, @Nullable CommitResult answer, @Nullable Throwable failure) {
            if (failure != null || answer == null) {
                MetadataException cause =
                        failure != null && FutureFailure.cause(failure) instanceof MetadataException known
                                ? known
                                : new MetadataException(
                                        Kind.OUTCOME_UNKNOWN, "a commit of partition records ended in " + failure);
                batch.forEach(change -> outcomes.put(change.record().id(), new PartitionOutcome.Failed(cause)));
                return;
            }
            switch (answer) {
                case CommitResult.Committed committed ->
                    batch.forEach(change -> outcomes.put(
                            change.record().id(), new PartitionOutcome.Applied(change.record(), committed.revision())));
                case CommitResult.Conflict conflict -> blame(batch, conflict.current());
            }
        }

        /** Gives an outcome to the changes the transaction failed for; the others are sent again. */
        private void blame(List<PartitionChange> batch, Map<String, Optional<KeyValue>> current) {
            int before = outcomes.size();
            for (PartitionChange change : batch) {
                PartitionId id = change.record().id();
                String key = keys.partition(id);
                Guard topic = change.topic();
                if (revision(current, key) != change.expectedModRevision()) {
                    outcomes.put(id, overtaken(change, current.getOrDefault(key, Optional.empty())));
                } else if (topic != null && revision(current, topic.key()) != topic.modRevision()) {
                    outcomes.put(id, new PartitionOutcome.TopicChanged());
                }
            }
            for (Guard guard : guards) {
                if (revision(current, guard.key()) != guard.modRevision()) {
                    left.forEach(change ->
                            outcomes.putIfAbsent(change.record().id(), new PartitionOutcome.GuardFailed(guard.key())));
                }
            }
            if (outcomes.size() == before) {
                var unexplained =
                        new MetadataException(Kind.CORRUPT, "a commit was refused though all keys are as expected");
                batch.forEach(change -> outcomes.put(change.record().id(), new PartitionOutcome.Failed(unexplained)));
            }
        }

        /** The very record that was to be written can only be our own write, whose answer was lost. */
        private PartitionOutcome overtaken(PartitionChange change, Optional<KeyValue> stored) {
            try {
                Versioned<PartitionRecord> is =
                        stored.map(key -> decode(change.record().id(), key)).orElse(null);
                return is != null && is.value().equals(change.record())
                        ? new PartitionOutcome.Applied(is.value(), is.modRevision())
                        : new PartitionOutcome.Conflict(is);
            } catch (MetadataException unreadable) {
                return new PartitionOutcome.Failed(unreadable);
            }
        }

        private static long revision(Map<String, Optional<KeyValue>> current, String key) {
            return current.getOrDefault(key, Optional.empty())
                    .map(KeyValue::modRevision)
                    .orElse(0L);
        }
    }
}
