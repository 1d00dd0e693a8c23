package io.kafscale.coordinator;

import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.Transaction;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a shard in the store, whoever owned it before: raises the owner epoch by one under our name, conditional on the owner key
 * being as read. Retries while the store cannot be reached and when somebody else was faster. For the loop of its
 * {@link StoreAccess}.
 */
final class ShardClaim {
    private static final Logger log = LoggerFactory.getLogger(ShardClaim.class);

    private final int shard;
    private final ShardKeys keys;
    private final String incarnation;
    private final StoreAccess access;
    private final CompletableFuture<Ownership> result = new CompletableFuture<>();
    private @Nullable OwnerMark written;
    private int failures;
    private boolean cancelled;

    ShardClaim(int shard, ShardKeys keys, String incarnation, StoreAccess access) {
        this.shard = shard;
        this.keys = keys;
        this.incarnation = incarnation;
        this.access = access;
    }

    /** Starts it; the future completes on the loop, exceptionally with {@link ShardLostException} only. */
    CompletableFuture<Ownership> start() {
        read();
        return result;
    }

    /**
     * Gives up. A write under way may still be applied later, which harms nobody: it would take the shard from an owner that then
     * finds itself fenced, and every later claim is above it.
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
        OwnerMark before;
        try {
            before = owner.map(key -> OwnerMark.decode(key.value())).orElse(new OwnerMark(0, ""));
        } catch (IllegalArgumentException damaged) {
            result.completeExceptionally(new ShardLostException(shard, "its owner key cannot be read", damaged));
            return;
        }
        if (owner.isPresent() && before.equals(written)) {
            result.complete(
                    new Ownership(shard, keys, before.epoch(), owner.get().modRevision()));
            return;
        }
        OwnerMark mine = new OwnerMark(before.epoch() + 1, incarnation);
        written = mine;
        commit(
                mine,
                Transaction.builder()
                        .require(keys.owner(), owner.map(KeyValue::modRevision).orElse(0L))
                        .put(keys.owner(), mine.encode())
                        .build());
    }

    private void commit(OwnerMark mine, Transaction transaction) {
        access.onLoop(access.store().commit(transaction), (reply, failure) -> {
            if (cancelled) {
                return;
            }
            switch (reply) {
                case CommitResult.Committed committed ->
                    result.complete(new Ownership(shard, keys, mine.epoch(), committed.revision()));
                case CommitResult.Conflict conflict ->
                    judge(conflict.current().getOrDefault(keys.owner(), Optional.empty()));
                case null -> again(failure);
            }
        });
    }

    /** After any failure the owner key is read again before the next step: a write in doubt shows there or is still to come. */
    private void again(@Nullable MetadataException failure) {
        if (failure != null && !StoreAccess.passing(failure)) {
            result.completeExceptionally(new ShardLostException(shard, "it cannot be claimed", failure));
            return;
        }
        failures++;
        if (StoreAccess.worthALine(failures)) {
            log.warn(
                    "claiming group shard {} failed {} times, will retry: {}",
                    shard,
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
