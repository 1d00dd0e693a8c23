package io.kafscale.metastore.cluster;

import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.Transaction;
import io.kafscale.metastore.Transaction.Write;
import io.kafscale.runtime.Backoff;
import io.kafscale.runtime.FutureFailure;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Commits transactions and settles doubtful answers.
 *
 * <p>After an answer got lost, the very same transaction is sent again: that reads every compared key back in one atomic step. If
 * it commits, the first one was not applied and never can be, because a key it compares has changed. If it is refused and every
 * key holds what the transaction writes, the first one was applied. This works because a transaction here compares every key that
 * it writes, and because two writers never write equal values that mean different things. On the loop of the access.
 */
final class SettledCommits {
    private static final int ATTEMPTS = 6;
    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(20), Duration.ofSeconds(1));

    private final MetadataAccess access;
    private final OnLoop onLoop;

    SettledCommits(MetadataAccess access) {
        this.access = access;
        this.onLoop = new OnLoop(access.loop());
    }

    /**
     * Commits. A failure other than {@link Kind#OUTCOME_UNKNOWN} means that nothing was applied; that one, that it could not be
     * settled.
     *
     * @throws IllegalArgumentException if the transaction writes a key that it does not compare
     */
    CompletableFuture<CommitResult> commit(Transaction transaction) {
        for (Write write : transaction.writes()) {
            if (!transaction.expected().containsKey(write.key())) {
                throw new IllegalArgumentException("a transaction overwrites " + write.key() + " without comparing it");
            }
        }
        var result = new CompletableFuture<CommitResult>();
        attempt(transaction, 0, null, result);
        return result;
    }

    private void attempt(
            Transaction transaction,
            int number,
            @Nullable MetadataException doubt,
            CompletableFuture<CommitResult> result) {
        onLoop.hop(access.store().commit(transaction)).whenComplete((answer, failure) -> {
            if (failure == null) {
                result.complete(doubt == null ? answer : settled(transaction, answer));
                return;
            }
            Throwable cause = FutureFailure.cause(failure);
            if (!(cause instanceof MetadataException known)) {
                result.completeExceptionally(cause);
            } else if (doubt == null && known.kind() != Kind.OUTCOME_UNKNOWN) {
                result.completeExceptionally(known);
            } else if (number + 1 >= ATTEMPTS || known.kind() == Kind.CLOSED) {
                result.completeExceptionally(
                        doubt == null || known.kind() == Kind.OUTCOME_UNKNOWN
                                ? known
                                : new MetadataException(
                                        Kind.OUTCOME_UNKNOWN, "a doubtful commit could not be read back", known));
            } else {
                access.loop()
                        .schedule(
                                BACKOFF.delay(number, access.random()),
                                () -> attempt(transaction, number + 1, known, result));
            }
        });
    }

    private static CommitResult settled(Transaction transaction, CommitResult answer) {
        if (answer instanceof CommitResult.Conflict conflict) {
            OptionalLong revision = appliedAt(transaction, conflict.current());
            if (revision.isPresent()) {
                return new CommitResult.Committed(revision.getAsLong());
            }
        }
        return answer;
    }

    private static OptionalLong appliedAt(Transaction transaction, Map<String, Optional<KeyValue>> current) {
        long revision = 0;
        for (Write write : transaction.writes()) {
            Optional<KeyValue> is = current.getOrDefault(write.key(), Optional.empty());
            switch (write) {
                case Write.Delete delete -> {
                    if (is.isPresent()) {
                        return OptionalLong.empty();
                    }
                }
                case Write.Put put -> {
                    if (is.isEmpty()
                            || !is.get().value().equals(put.value())
                            || is.get().leaseId() != put.leaseId()
                            || is.get().modRevision() == transaction.expected().getOrDefault(put.key(), 0L)) {
                        return OptionalLong.empty();
                    }
                    revision = Math.max(revision, is.get().modRevision());
                }
            }
        }
        return revision == 0 ? OptionalLong.empty() : OptionalLong.of(revision);
    }
}
