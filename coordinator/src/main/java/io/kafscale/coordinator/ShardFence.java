package io.kafscale.coordinator;

import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.Transaction;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The only way to write a shard: one transaction at a time, conditional on our ownership and on the {@code end} key being as the
 * transaction before left it. So a transaction that is delayed, sent twice or whose reply is lost takes effect once, in its turn, or
 * never. While the outcome of one is open, nothing else is sent: {@code end} is read back, and the identical transaction goes out
 * again until it is settled. For the loop of its {@link StoreAccess}.
 */
final class ShardFence {
    private static final Logger log = LoggerFactory.getLogger(ShardFence.class);

    private final Ownership ownership;
    private final StoreAccess access;
    private final Consumer<ShardLostException> onLost;
    private long endRevision;
    private @Nullable Attempt current;
    private boolean closed;

    private static final class Attempt {
        final Transaction transaction;
        final EndMark mark;
        final Runnable onStored;
        int failures;

        Attempt(Transaction transaction, EndMark mark, Runnable onStored) {
            this.transaction = transaction;
            this.mark = mark;
            this.onStored = onStored;
        }
    }

    /**
     * A fence for one ownership.
     *
     * @param endRevision the mod revision of {@code end} as the shard was loaded, 0 if there is none
     * @param onLost told once, on the loop, that nothing can be written any more
     */
    ShardFence(Ownership ownership, long endRevision, StoreAccess access, Consumer<ShardLostException> onLost) {
        this.ownership = ownership;
        this.endRevision = endRevision;
        this.access = access;
        this.onLost = onLost;
    }

    /** Whether a transaction is under way: the next one has to wait. */
    boolean busy() {
        return current != null;
    }

    /**
     * Stores {@code writes} and the new end offset together.
     *
     * @param onStored run on the loop once they are stored for certain; not run when the shard is lost or this is closed
     */
    void store(Collection<Transaction.Write> writes, long endOffset, Runnable onStored) {
        if (busy() || closed) {
            throw new IllegalStateException(
                    "group shard " + ownership.shard() + " has a transaction under way or is closed");
        }
        var mark = new EndMark(endOffset, ownership.epoch(), access.random().nextLong());
        var transaction = Transaction.builder()
                .require(ownership.keys().owner(), ownership.revision())
                .require(ownership.keys().end(), endRevision)
                .put(ownership.keys().end(), mark.encode());
        for (Transaction.Write write : writes) {
            switch (write) {
                case Transaction.Write.Put put -> transaction.put(put.key(), put.value());
                case Transaction.Write.Delete delete -> transaction.delete(delete.key());
            }
        }
        var attempt = new Attempt(transaction.build(), mark, onStored);
        current = attempt;
        send(attempt);
    }

    /** Sends nothing any more and reports nothing; what is under way may still be applied until the next owner takes the shard. */
    void close() {
        closed = true;
        current = null;
    }

    private void send(Attempt attempt) {
        access.onLoop(access.store().commit(attempt.transaction), (reply, failure) -> {
            if (closed) {
                return;
            }
            switch (reply) {
                case CommitResult.Committed committed -> stored(attempt, committed.revision());
                case CommitResult.Conflict conflict -> judge(attempt, conflict);
                case null -> failed(attempt, failure);
            }
        });
    }

    private void failed(Attempt attempt, @Nullable MetadataException failure) {
        if (failure != null && !StoreAccess.passing(failure)) {
            lost(new ShardLostException(ownership.shard(), "the store refuses its writes", failure));
            return;
        }
        if (StoreAccess.worthALine(attempt.failures + 1)) {
            log.warn(
                    "write {} of group shard {} failed {} times, will retry: {}",
                    attempt.mark.offset(),
                    ownership.shard(),
                    attempt.failures + 1,
                    failure == null ? "no answer" : failure.getMessage());
        }
        boolean inDoubt = failure == null || failure.kind() == MetadataException.Kind.OUTCOME_UNKNOWN;
        if (inDoubt) {
            readBack(attempt);
        } else {
            later(attempt, () -> send(attempt));
        }
    }

    private void readBack(Attempt attempt) {
        access.onLoop(access.store().get(ownership.keys().end()), (end, failure) -> {
            if (closed) {
                return;
            }
            if (end == null) {
                if (failure != null && !StoreAccess.passing(failure)) {
                    lost(new ShardLostException(ownership.shard(), "its end cannot be read back", failure));
                } else {
                    later(attempt, () -> readBack(attempt));
                }
            } else if (isOurs(end, attempt)) {
                stored(attempt, end.get().modRevision());
            } else if (end.map(KeyValue::modRevision).orElse(0L) == endRevision) {
                // Not applied, or not yet: the same bytes under the same conditions can be applied once only.
                later(attempt, () -> send(attempt));
            } else {
                lost(new ShardLostException(ownership.shard(), "another owner wrote it"));
            }
        });
    }

    private void judge(Attempt attempt, CommitResult.Conflict conflict) {
        Optional<KeyValue> owner =
                conflict.current().getOrDefault(ownership.keys().owner(), Optional.empty());
        Optional<KeyValue> end =
                conflict.current().getOrDefault(ownership.keys().end(), Optional.empty());
        if (owner.map(KeyValue::modRevision).orElse(0L) != ownership.revision()) {
            lost(new ShardLostException(
                    ownership.shard(),
                    "taken by " + owner.map(key -> key.value().utf8()).orElse("nobody known")));
        } else if (isOurs(end, attempt)) {
            stored(attempt, end.get().modRevision());
        } else {
            lost(new ShardLostException(ownership.shard(), "its end moved though we own it"));
        }
    }

    private static boolean isOurs(Optional<KeyValue> end, Attempt attempt) {
        return end.isPresent() && end.get().value().equals(attempt.mark.encode());
    }

    private void stored(Attempt attempt, long revision) {
        endRevision = revision;
        current = null;
        attempt.onStored.run();
    }

    private void later(Attempt attempt, Runnable step) {
        access.retry(attempt.failures++, () -> {
            if (!closed) {
                step.run();
            }
        });
    }

    private void lost(ShardLostException why) {
        close();
        onLost.accept(why);
    }
}
