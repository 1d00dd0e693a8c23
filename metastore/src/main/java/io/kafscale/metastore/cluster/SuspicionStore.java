package io.kafscale.metastore.cluster;

import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.Transaction;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/** Writes one broker's {@link Suspicions}. On the loop of the access. */
final class SuspicionStore {
    private final MetadataKeys keys;
    private final SettledCommits commits;

    SuspicionStore(MetadataAccess access) {
        this.keys = access.keys();
        this.commits = new SettledCommits(access);
    }

    /**
     * Replaces what an image shows of the observer's suspicions; without suspects the key goes.
     *
     * @param leaseId the lease the key is attached to
     * @return the revision that wrote it; empty if the observer is not registered any more, or somebody else has written it since
     */
    CompletableFuture<OptionalLong> replace(ClusterImage image, Suspicions wanted, long leaseId) {
        int id = wanted.observer().brokerId();
        String key = keys.suspicions(id);
        var transaction = Transaction.builder()
                .require(key, revisionOf(Optional.ofNullable(image.suspicions().get(id))));
        if (wanted.suspects().isEmpty()) {
            transaction.delete(key);
        } else {
            Bytes value = RecordJson.encode(wanted);
            transaction
                    .require(
                            keys.broker(id),
                            revisionOf(Optional.ofNullable(image.brokers().get(id))))
                    .put(key, value, leaseId);
        }
        return commits.commit(transaction.build())
                .thenApply(answer -> answer instanceof CommitResult.Committed(long revision)
                        ? OptionalLong.of(revision)
                        : OptionalLong.empty());
    }

    private static long revisionOf(Optional<? extends Versioned<?>> known) {
        return known.map(Versioned::modRevision).orElse(0L);
    }
}
