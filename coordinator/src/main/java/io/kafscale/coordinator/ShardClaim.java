package io.kafscale.coordinator;

import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.Transaction;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.ShardOwner;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a shard in the store that nobody owns, or we do, or one who is over for good: raises the owner epoch by one under our name,
 * conditional on the owner key being as read. Retries while the store cannot be reached. For the loop of its {@link StoreAccess}.
 */
final class ShardClaim {
    private static final Logger log = LoggerFactory.getLogger(ShardClaim.class);

    private final ShardKeys keys;
    private final BrokerIncarnation incarnation;
    private final Predicate<BrokerIncarnation> isOver;
    private final StoreAccess access;
    private final CompletableFuture<Ownership> result = new CompletableFuture<>();
    private @Nullable ShardOwner written;
    private int failures;
    private boolean cancelled;

    /**
     * A claim that has not begun.
     *
     * @param incarnation who takes the shard
     * @param isOver whether the shards of another may be taken
     */
    ShardClaim(ShardKeys keys, BrokerIncarnation incarnation, Predicate<BrokerIncarnation> isOver, StoreAccess access) {
        this.keys = keys;
        this.incarnation = incarnation;
        this.isOver = isOver;
        this.access = access;
    }

    /** Starts it; the future completes on the loop, exceptionally with {@link ShardLostException} only. */
    CompletableFuture<Ownership> start() {
        read();
        return result;
    }

    /**
     * Gives up. A write under way may still be applied later: it takes the shard as it was when nobody alive owned it, and whoever
     * follows the owner keys sees an ownership to be released.
     */
    void cancel() {
        cancelled = true;
    }

    private void read() {
        access.onLoop(access.store().get(keys.owner()), (owner, failure) -> {
            if (cancelled) {
                return;
            }
            if (owner != null) {
                judge(owner);
            } else {
                again(failure);
            }
        });
    }

    /** Continues from what the owner key holds. */
    private void judge(Optional<KeyValue> owner) {
        ShardOwner before;
        try {
            before = owner.map(ShardOwner::decode).orElse(ShardOwner.NONE);
        } catch (MetadataException damaged) {
            refuse("its owner key cannot be read", damaged);
            return;
        }
        if (owner.isPresent() && before.equals(written)) {
            succeed(before.epoch(), owner.get().modRevision());
            return;
        }
        BrokerIncarnation other = before.incarnation();
        if (other != null && !other.equals(incarnation) && !isOver.test(other)) {
            refuse("it is owned by " + other, null);
            return;
        }
        ShardOwner mine = before.takenBy(incarnation);
        written = mine;
        commit(
                mine,
                Transaction.builder()
                        .require(keys.owner(), owner.map(KeyValue::modRevision).orElse(0L))
                        .put(keys.owner(), mine.encode())
                        .build());
    }

    private void succeed(long epoch, long revision) {
        result.complete(new Ownership(keys, incarnation, epoch, revision));
    }

    private void refuse(String why, @Nullable MetadataException cause) {
        result.completeExceptionally(
                cause == null
                        ? new ShardLostException(keys.shard(), why)
                        : new ShardLostException(keys.shard(), why, cause));
    }

    private void commit(ShardOwner mine, Transaction transaction) {
        access.onLoop(access.store().commit(transaction), (reply, failure) -> {
            if (cancelled) {
                return;
            }
            switch (reply) {
                case CommitResult.Committed committed -> succeed(mine.epoch(), committed.revision());
                case CommitResult.Conflict conflict ->
                    judge(conflict.current().getOrDefault(keys.owner(), Optional.empty()));
                case null -> again(failure);
            }
        });
    }

    /** After any failure the owner key is read again before the next step: a write in doubt shows there or is still to come. */
    private void again(@Nullable MetadataException failure) {
        if (failure != null && !StoreAccess.passing(failure)) {
            refuse("it cannot be claimed", failure);
            return;
        }
        failures++;
        if (StoreAccess.worthALine(failures)) {
            log.warn(
                    "claiming group shard {} failed {} times, will retry: {}",
                    keys.shard(),
                    failures,
                    failure == null ? "no answer" : failure.getMessage());
        }
        access.retry(failures, () -> {
            if (!cancelled) {
                read();
            }
        });
    }
}
