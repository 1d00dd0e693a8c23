package io.kafscale.metastore.cluster;

import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.Lease;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.Transaction;
import io.kafscale.runtime.FutureFailure;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes registrations on evidence, each broker id at most once per {@link EvictResult#PAUSE}. The limit is a key that must not
 * exist and is written by the eviction, under a lease of its own that nobody renews: the evictor ends the lease when the pause is over
 * on its own clock, and if the evictor dies the store ends it, a moment later. The limit keeps a wrong verdict from becoming a storm
 * of takeovers; no record's safety rests on it. On the loop of the access.
 */
final class Evictions {
    private static final Logger LOG = LoggerFactory.getLogger(Evictions.class);

    /** The store's own measure, from when it last confirmed the lease, a renewal before the eviction; it ends no pause too early. */
    private static final Duration LIMIT = EvictResult.PAUSE.plus(Lease.renewal(EvictResult.PAUSE));

    private final MetadataAccess access;
    private final MetadataKeys keys;
    private final SettledCommits commits;
    private final OnLoop onLoop;
    private final Map<Integer, CompletableFuture<Lease>> prepared = new HashMap<>();

    Evictions(MetadataAccess access) {
        this.access = access;
        this.keys = access.keys();
        this.commits = new SettledCommits(access);
        this.onLoop = new OnLoop(access.loop());
    }

    /** A broker may have to be evicted soon: gets what that takes, since partitions will wait for it. */
    void prepare(int brokerId) {
        prepared.computeIfAbsent(brokerId, _ -> grant());
    }

    /** A broker need not be evicted after all, or has been. */
    void cancel(int brokerId) {
        CompletableFuture<Lease> granted = prepared.remove(brokerId);
        if (granted != null) {
            granted.thenAccept(Registrations::endUnused);
        }
    }

    private CompletableFuture<Lease> grant() {
        return onLoop.hop(access.store().grantLease(LIMIT));
    }

    CompletableFuture<EvictResult> evict(
            Versioned<BrokerRegistration> registered, List<Guard> evidence, BrokerIncarnation by) {
        return onLoop.run(() -> {
            CompletableFuture<Lease> granted =
                    prepared.remove(registered.value().incarnation().brokerId());
            return (granted != null && mayLive(granted) ? granted : grant())
                    .thenCompose(lease -> commit(registered, evidence, by, lease));
        });
    }

    private static boolean mayLive(CompletableFuture<Lease> granted) {
        return !granted.isDone()
                || (!granted.isCompletedExceptionally()
                        && !granted.join().lost().isDone());
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
                    if (failure == null ? answer.committed() : mayBeApplied(FutureFailure.cause(failure))) {
                        endLater(lease);
                    } else {
                        Registrations.endUnused(lease);
                    }
                })
                .thenApply(answer -> result(answer, registered, limit));
    }

    private static boolean mayBeApplied(Throwable failure) {
        return failure instanceof MetadataException known && known.kind() == Kind.OUTCOME_UNKNOWN;
    }

    private EvictResult result(CommitResult answer, Versioned<BrokerRegistration> registered, String limit) {
        return switch (answer) {
            case CommitResult.Committed(long revision) -> new EvictResult.Evicted(revision);
            case CommitResult.Conflict(var current) -> {
                String broker = keys.broker(registered.value().incarnation().brokerId());
                boolean isThere = current.getOrDefault(broker, Optional.empty())
                        .filter(stored -> stored.modRevision() == registered.modRevision())
                        .isPresent();
                boolean limited = current.getOrDefault(limit, Optional.empty()).isPresent();
                yield isThere && limited ? new EvictResult.TooSoon() : new EvictResult.Outdated();
            }
        };
    }

    /**
     * From here on nobody renews it: a lease that ends only some time after its evictor has died would keep the broker id from being
     * judged for longer than the pause.
     */
    private void endLater(Lease lease) {
        lease.letRunOut();
        access.loop()
                .schedule(
                        EvictResult.PAUSE,
                        () -> onLoop.hop(lease.revoke()).exceptionally(failure -> {
                            LOG.debug(
                                    "Could not end the pause after an eviction, it ends by itself [lease={}]",
                                    lease.id(),
                                    failure);
                            return null;
                        }));
    }
}
