package io.kafscale.coordinator;

import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.Transaction;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.ShardOwner;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the store that an incarnation of this broker owns a shard no more, so that the next owner need not wait. Conditional on the
 * owner key being as read: sent twice or late, it releases that one ownership or nothing. Retries while the store cannot be reached.
 * For the loop of its {@link StoreAccess}.
 */
final class ShardRelease {
    private static final Logger log = LoggerFactory.getLogger(ShardRelease.class);

    private final ShardKeys keys;
    private final BrokerIncarnation incarnation;
    private final StoreAccess access;
    private final Runnable onSettled;
    private int failures;
    private boolean over;

    /**
     * A release that has not begun.
     *
     * @param onSettled run once, when the shard is known to be owned by {@code incarnation} no more, or the store refuses for good;
     *     not run after {@link #cancel}
     */
    ShardRelease(ShardKeys keys, BrokerIncarnation incarnation, StoreAccess access, Runnable onSettled) {
        this.keys = keys;
        this.incarnation = incarnation;
        this.access = access;
        this.onSettled = onSettled;
    }

    /** Releases an ownership that is known. */
    void start(Ownership ownership) {
        release(new ShardOwner(ownership.epoch(), incarnation), ownership.revision());
    }

    /** Releases whatever ownership of the incarnation there is. */
    void start() {
        read();
    }

    /** Gives up. A write under way may still be applied later: it releases an ownership under which nothing is written any more. */
    void cancel() {
        over = true;
    }

    private void read() {
        access.onLoop(access.store().get(keys.owner()), (owner, failure) -> {
            if (owner != null) {
                judge(owner);
            } else {
                again(failure, this::read);
            }
        });
    }

    private void judge(Optional<KeyValue> stored) {
        if (over) {
            return;
        }
        ShardOwner owner;
        try {
            owner = stored.map(ShardOwner::decode).orElse(ShardOwner.NONE);
        } catch (MetadataException damaged) {
            log.error("group shard {} cannot be released: its owner key cannot be read", keys.shard(), damaged);
            settle();
            return;
        }
        if (stored.isPresent() && owner.is(incarnation)) {
            release(owner, stored.get().modRevision());
        } else {
            settle();
        }
    }

    private void release(ShardOwner owner, long revision) {
        var transaction = Transaction.builder()
                .require(keys.owner(), revision)
                .put(keys.owner(), owner.released().encode())
                .build();
        send(transaction);
    }

    private void send(Transaction transaction) {
        access.onLoop(access.store().commit(transaction), (reply, failure) -> {
            switch (reply) {
                case CommitResult.Committed committed -> settle();
                // An earlier sending of it was applied, or somebody took the shard, or we did ourselves with a claim
                // that came late.
                case CommitResult.Conflict conflict ->
                    judge(conflict.current().getOrDefault(keys.owner(), Optional.empty()));
                // Not applied, or not yet: it can be applied once only.
                case null -> again(failure, () -> send(transaction));
            }
        });
    }

    private void again(@Nullable MetadataException failure, Runnable step) {
        if (over) {
            return;
        }
        if (failure != null && !StoreAccess.passing(failure)) {
            log.warn("group shard {} was not released in the store: {}", keys.shard(), failure.getMessage());
            settle();
            return;
        }
        failures++;
        if (StoreAccess.worthALine(failures)) {
            log.warn(
                    "releasing group shard {} failed {} times, will retry: {}",
                    keys.shard(),
                    failures,
                    failure == null ? "no answer" : failure.getMessage());
        }
        access.retry(failures, () -> {
            if (!over) {
                step.run();
            }
        });
    }

    private void settle() {
        if (!over) {
            over = true;
            onSettled.run();
        }
    }
}
