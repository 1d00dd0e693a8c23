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
import io.kafscale.metastore.cluster.RegisterResult;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Starts one incarnation: a broker epoch that was never used, a WAL stream begun with its genesis object, a registration under a
 * lease. Log loop only.
 */
final class IncarnationStart {
    /** How long a broker may be silent before its registration goes. */
    static final Duration REGISTRATION_TTL = Duration.ofSeconds(10);

    private static final int MAX_GENESIS_BYTES = 4096;

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
        return streams.create(stream, cluster.clusterId(), revision, listener).thenCompose(created -> {
            if (created.isEmpty()) {
                return whoseStream(stream, revision).thenCompose(_ -> start(listener));
            }
            WalWriter wal = created.get();
            return registry.register(registration(incarnation), REGISTRATION_TTL)
                    .thenApply(result -> switch (result) {
                        case RegisterResult.Registered registered -> new Started(incarnation, wal, registered);
                        case RegisterResult.HeldByOther held -> throw refused(held);
                        case RegisterResult.StreamNotOpen judged ->
                            throw new LogException(
                                    LogException.Kind.NOT_LEADER, "judged dead before it started: " + judged.stream());
                    })
                    .whenComplete((_, failure) -> {
                        if (failure != null) {
                            wal.halt();
                        }
                    });
        });
    }

    /** A genesis object from a later revision than ours means that the metadata is older than the bucket. */
    private CompletableFuture<Void> whoseStream(StreamId stream, long revision) {
        String key = context.layout().walKey(stream, 0);
        return context.onLoop(context.objects().get(key, MAX_GENESIS_BYTES)).thenAccept(bytes -> {
            WalFooter found = new WalObjectReader().parse(bytes, key);
            if (found instanceof WalGenesis genesis && genesis.metadataRevision() > revision) {
                throw new LogStartException("the metadata store "
                        + context.metadata().store().describe() + " (revision " + revision
                        + ") is older than the bucket "
                        + context.objects().describe() + ", where " + key + " was written at revision "
                        + genesis.metadataRevision() + ": it was restored from an old copy; use the newest one");
            }
        });
    }

    private LogStartException refused(RegisterResult.HeldByOther held) {
        BrokerRegistration other = held.other();
        return new LogStartException("another broker with node.id " + endpoint.brokerId() + " is registered from "
                + other.host() + ":" + other.port() + ": give this one another node.id, or stop that one and wait "
                + REGISTRATION_TTL.toSeconds() + " s");
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
