package io.kafscale.log.engine;

import io.kafscale.format.StreamId;
import io.kafscale.format.wal.WalFooter;
import io.kafscale.format.wal.WalGenesis;
import io.kafscale.format.wal.WalObjectReader;
import io.kafscale.log.LogException;
import io.kafscale.log.wal.WalListener;
import io.kafscale.log.wal.WalStreams;
import io.kafscale.log.wal.WalWriter;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.BrokerRegistration;
import io.kafscale.metastore.cluster.BrokerRegistry;
import io.kafscale.metastore.cluster.ClusterRecord;
import io.kafscale.metastore.cluster.ClusterStore;
import io.kafscale.metastore.cluster.EvictResult;
import io.kafscale.metastore.cluster.RegisterResult;
import io.kafscale.metastore.cluster.Versioned;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts one incarnation: a broker epoch that was never used, a WAL stream begun with its genesis object, a registration under a
 * lease. Log loop only.
 */
final class IncarnationStart {
    /** How long a broker may be silent before its registration goes. */
    static final Duration REGISTRATION_TTL = BrokerEndpoint.REGISTRATION_TTL;

    /** A predecessor that crashed is registered until its lease has run out; the store may take a moment longer to see it. */
    private static final Duration LONGEST_WAIT = REGISTRATION_TTL.plusSeconds(5);

    private static final Duration NEXT_LOOK = Duration.ofMillis(500);
    private static final int MAX_GENESIS_BYTES = 4096;
    private static final Logger LOG = LoggerFactory.getLogger(IncarnationStart.class);

    /** An incarnation that may lead: it has a stream of its own and is registered. */
    record Started(BrokerIncarnation incarnation, WalWriter wal, RegisterResult.Registered registration) {}

    private final EngineContext context;
    private final BrokerRegistry registry;
    private final BrokerEndpoint endpoint;
    private final ClusterRecord cluster;
    private final WalStreams streams;

    IncarnationStart(EngineContext context, EngineStores stores, BrokerEndpoint endpoint, ClusterRecord cluster) {
        this.context = context;
        this.registry = stores.brokers();
        this.endpoint = endpoint;
        this.cluster = cluster;
        this.streams = new WalStreams(stores.wal(), stores.walSettings());
    }

    /** Starts; fails with {@link LogStartException} where it must not, or with the stores' own exceptions. */
    CompletableFuture<Started> start(WalListener listener) {
        return new ClusterStore(context.metadata())
                .revision()
                .thenCompose(revision -> registry.nextIncarnation(endpoint.brokerId())
                        .thenCompose(incarnation -> begin(incarnation, revision, listener)));
    }

    private CompletableFuture<Started> begin(BrokerIncarnation incarnation, long revision, WalListener listener) {
        var stream = new StreamId(incarnation.brokerId(), incarnation.brokerEpoch());
        return requireUnused(stream, revision)
                .thenCompose(_ -> streams.create(stream, cluster.clusterId(), revision, listener))
                .thenCompose(created -> {
                    if (created.isEmpty()) {
                        return start(listener);
                    }
                    WalWriter wal = created.get();
                    return register(
                                    registration(incarnation),
                                    context.loop().time().nanoTime(),
                                    0)
                            .thenApply(registered -> new Started(incarnation, wal, registered))
                            .whenComplete((_, failure) -> {
                                if (failure != null) {
                                    wal.halt();
                                }
                            });
                });
    }

    private CompletableFuture<RegisterResult.Registered> register(
            BrokerRegistration registration, long sinceNanos, int attempt) {
        return registry.register(registration, REGISTRATION_TTL).thenCompose(result -> switch (result) {
            case RegisterResult.Registered registered -> CompletableFuture.completedFuture(registered);
            case RegisterResult.HeldByOther held -> {
                if (context.loop().time().nanoTime() - sinceNanos > LONGEST_WAIT.toNanos()) {
                    throw refused(held);
                }
                if (isPredecessor(held)) {
                    yield evict(held, registration.incarnation())
                            .thenCompose(_ -> later(() -> register(registration, sinceNanos, attempt + 1)));
                }
                if (attempt == 0) {
                    LOG.info("Waiting for an earlier registration to run out [broker={}]", held.other());
                }
                yield later(() -> register(registration, sinceNanos, attempt + 1));
            }
            case RegisterResult.StreamNotOpen _, RegisterResult.StreamForgotten _ ->
                throw new LogException(LogException.Kind.NOT_LEADER, "judged dead before it started: " + result);
        });
    }

    /**
     * Whether a registration is that of a process which had our address before us and so is gone. One that was made or renewed since
     * we hold the port is of somebody alive, whom clients reach at the same address by a mistake in the settings.
     */
    private boolean isPredecessor(RegisterResult.HeldByOther held) {
        return held.modRevision() <= endpoint.aloneSinceRevision()
                && held.other().host().equals(endpoint.host())
                && held.other().port() == endpoint.port();
    }

    /**
     * Does not wait for a lease of which it is known that nobody renews it. The next look at the registration comes a moment later: a
     * broker that lives in spite of all has come back by then, and is left alone.
     */
    private CompletableFuture<Void> evict(RegisterResult.HeldByOther held, BrokerIncarnation by) {
        return registry.evict(new Versioned<>(held.other(), held.modRevision()), List.of(), by)
                .handle((result, failure) -> {
                    if (failure != null) {
                        LOG.warn("Could not remove an earlier registration [broker={}]", held.other(), failure);
                    } else if (result instanceof EvictResult.Evicted) {
                        LOG.info(
                                "Removed the registration of the process that had this address before [broker={}]",
                                held.other());
                    }
                    return null;
                });
    }

    private <T> CompletableFuture<T> later(Supplier<CompletableFuture<T>> step) {
        var waited = new CompletableFuture<Void>();
        context.loop().schedule(NEXT_LOOK, () -> waited.complete(null));
        return waited.thenCompose(_ -> step.get());
    }

    /**
     * An epoch is given out once, so whatever there is under it was written by a broker that this metadata has forgotten. The seal
     * of a stream tells so for ever, the genesis object while the stream is needed.
     */
    private CompletableFuture<Void> requireUnused(StreamId stream, long revision) {
        String prefix = context.layout().walPrefix(stream);
        return context.onLoop(context.objects().list(prefix, "", 1)).thenCompose(page -> {
            if (page.objects().isEmpty()) {
                return CompletableFuture.completedFuture(null);
            }
            String key = page.objects().getFirst().key();
            String given = key + " was written under a broker epoch that it has just given out";
            return key.equals(context.layout().walKey(stream, 0))
                    ? context.onLoop(context.objects().get(key, MAX_GENESIS_BYTES))
                            .thenAccept(bytes -> {
                                throw older(
                                        seen(new WalObjectReader().parse(bytes, key), revision)
                                                .map(later -> key + " was written at revision " + later)
                                                .orElse(given),
                                        revision);
                            })
                    : CompletableFuture.failedFuture(older(given, revision));
        });
    }

    /** The metadata revision that a genesis object has seen, if it is beyond ours. */
    private static Optional<Long> seen(WalFooter found, long revision) {
        return found instanceof WalGenesis genesis && genesis.metadataRevision() > revision
                ? Optional.of(genesis.metadataRevision())
                : Optional.empty();
    }

    private LogStartException older(String evidence, long revision) {
        return new LogStartException("the metadata store "
                + context.metadata().store().describe() + " (revision " + revision
                + ") is older than the bucket " + context.objects().describe() + ", where " + evidence
                + ": it was restored from an old copy; use the newest one, or bring it up to the bucket with"
                + " 'kafscale recover'");
    }

    private LogStartException refused(RegisterResult.HeldByOther held) {
        BrokerRegistration other = held.other();
        return new LogStartException("another broker with node.id " + endpoint.brokerId() + " is registered from "
                + other.host() + ":" + other.port() + " and stays so: give this one another node.id, or stop that one");
    }

    BrokerRegistration registration(BrokerIncarnation incarnation) {
        return new BrokerRegistration(
                incarnation,
                endpoint.host(),
                endpoint.port(),
                endpoint.rack(),
                endpoint.version(),
                context.loop().time().wallClockMs());
    }
}
