package io.kafscale.metastore.cluster;

import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.Lease;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.Transaction;
import io.kafscale.runtime.Backoff;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes registrations on evidence, each broker id at most once per {@link EvictResult#PAUSE}. The limit is a key that must not
 * exist and is written by the eviction, under a lease of its own: the evictor ends the lease when the pause is over on its own
 * clock, and if the evictor dies the store ends it, no sooner. The limit keeps a wrong verdict from becoming a storm of takeovers; no
 * record's safety rests on it. On the loop of the access.
 */
final class Evictions {
    private static final Logger LOG = LoggerFactory.getLogger(Evictions.class);
    private static final Backoff AGAIN = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30));

    private final MetadataAccess access;
    private final MetadataKeys keys;
    private final SettledCommits commits;
    private final OnLoop onLoop;

    Evictions(MetadataAccess access) {
        this.access = access;
        this.keys = access.keys();
        this.commits = new SettledCommits(access);
        this.onLoop = new OnLoop(access.loop());
    }

    CompletableFuture<EvictResult> evict(
            Versioned<BrokerRegistration> registered, List<Guard> evidence, BrokerIncarnation by) {
        String limit = keys.eviction(registered.value().incarnation().brokerId());
        return onLoop.run(() -> {
            // Both at once, since partitions wait for this; the lease is given back in the rare case that it is too
            // soon.
            CompletableFuture<Lease> granted = onLoop.hop(access.store().grantLease(EvictResult.PAUSE));
            return onLoop.hop(access.store().get(limit))
                    .whenComplete((last, failure) -> {
                        if (failure != null || last.isPresent()) {
                            granted.thenAccept(BrokerRegistry::endUnused);
                        }
                    })
                    .thenCompose(last -> last.isPresent()
                            ? CompletableFuture.completedFuture(new EvictResult.TooSoon())
                            : granted.thenCompose(lease -> commit(registered, evidence, by, lease)));
        });
    }

    private CompletableFuture<EvictResult> commit(
            Versioned<BrokerRegistration> registered, List<Guard> evidence, BrokerIncarnation by, Lease lease) {
        BrokerIncarnation incarnation = registered.value().incarnation();
        String limit = keys.eviction(incarnation.brokerId());
        String broker = keys.broker(incarnation.brokerId());
        var transaction = Transaction.builder()
                .require(broker, registered.modRevision())
                .delete(broker)
                .requireAbsent(limit)
                .put(limit, RecordJson.encodeEviction(incarnation, by), lease.id());
        evidence.forEach(guard -> transaction.require(guard.key(), guard.modRevision()));
        return commits.commit(transaction.build())
                .whenComplete((answer, failure) -> {
                    if (failure == null ? answer.committed() : mayBeApplied(OnLoop.unwrap(failure))) {
                        endLater(lease, EvictResult.PAUSE, 0);
                    } else {
                        BrokerRegistry.endUnused(lease);
                    }
                })
                .thenApply(answer -> result(answer, limit));
    }

    private static boolean mayBeApplied(Throwable failure) {
        return failure instanceof MetadataException known && known.kind() == Kind.OUTCOME_UNKNOWN;
    }

    private static EvictResult result(CommitResult answer, String limit) {
        return switch (answer) {
            case CommitResult.Committed(long revision) -> new EvictResult.Evicted(revision);
            case CommitResult.Conflict(var current) -> {
                Optional<KeyValue> other = current.getOrDefault(limit, Optional.empty());
                yield other.isPresent() ? new EvictResult.TooSoon() : new EvictResult.Outdated();
            }
        };
    }

    /** The lease is kept alive by the store's client, so it must be ended: nobody could evict this broker id again. */
    private void endLater(Lease lease, Duration delay, int attempt) {
        access.loop()
                .schedule(
                        delay,
                        () -> onLoop.hop(lease.revoke()).whenComplete((_, failure) -> {
                            if (failure != null && !isOver(OnLoop.unwrap(failure))) {
                                LOG.warn(
                                        "Could not end the pause after an eviction yet [lease={}]",
                                        lease.id(),
                                        failure);
                                endLater(lease, AGAIN.delay(attempt, access.random()), attempt + 1);
                            }
                        }));
    }

    private static boolean isOver(Throwable failure) {
        return failure instanceof MetadataException known
                && (known.kind() == Kind.LEASE_GONE || known.kind() == Kind.CLOSED);
    }
}
