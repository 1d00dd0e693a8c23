package io.kafscale.metastore.cluster;

import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.Transaction;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/**
 * Keeps what is set for single consumer groups. Thread-safe; futures complete on the loop of the access and fail with
 * {@link io.kafscale.metastore.MetadataException} and with whatever a caller's own function threw.
 */
public final class GroupConfigStore {
    private final MetadataStore store;
    private final MetadataKeys keys;
    private final SettledCommits commits;
    private final Rounds rounds;
    private final OnLoop onLoop;

    /** Groups of the access' namespace. */
    public GroupConfigStore(MetadataAccess access) {
        this.store = access.store();
        this.keys = access.keys();
        this.commits = new SettledCommits(access);
        this.rounds = new Rounds(access);
        this.onLoop = new OnLoop(access.loop());
    }

    /**
     * Replaces the configs of a group, which need not exist.
     *
     * @param change computes them from what is set; called on the loop, again if somebody else was faster
     * @return the revision from which on images show it; 0 if nothing was and is set
     */
    public CompletableFuture<Long> alter(String group, UnaryOperator<Map<String, String>> change) {
        return rounds.run("changing the configs of group '" + group + "'", () -> alterOnce(group, change));
    }

    private CompletableFuture<Optional<Long>> alterOnce(String group, UnaryOperator<Map<String, String>> change) {
        String key = keys.groupConfig(group);
        return onLoop.hop(store.get(key)).thenCompose(stored -> {
            Map<String, String> before = stored.map(
                            value -> RecordJson.groupConfig(group, value).configs())
                    .orElse(Map.of());
            Map<String, String> after = change.apply(before);
            if (after.equals(before)) {
                return CompletableFuture.completedFuture(
                        Optional.of(stored.map(KeyValue::modRevision).orElse(0L)));
            }
            var transaction = Transaction.builder();
            stored.ifPresentOrElse(transaction::requireUnchanged, () -> transaction.requireAbsent(key));
            if (after.isEmpty()) {
                transaction.delete(key);
            } else {
                transaction.put(key, RecordJson.encode(new GroupConfigRecord(group, after)));
            }
            return commits.commit(transaction.build()).thenApply(GroupConfigStore::committedAt);
        });
    }

    private static Optional<Long> committedAt(CommitResult answer) {
        return answer instanceof CommitResult.Committed committed
                ? Optional.of(committed.revision())
                : Optional.empty();
    }
}
