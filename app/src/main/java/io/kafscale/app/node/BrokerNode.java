package io.kafscale.app.node;

import io.kafscale.app.cli.CommandException;
import io.kafscale.app.cli.VersionCommand;
import io.kafscale.app.settings.HostPort;
import io.kafscale.app.settings.KafscaleSettings;
import io.kafscale.app.settings.MetadataUri;
import io.kafscale.broker.Broker;
import io.kafscale.broker.fetch.RecordTimestamps;
import io.kafscale.broker.request.BrokerContext;
import io.kafscale.broker.request.BrokerSettings;
import io.kafscale.broker.request.GroupSettings;
import io.kafscale.format.ObjectLayout;
import io.kafscale.log.engine.BrokerEndpoint;
import io.kafscale.log.engine.EngineContext;
import io.kafscale.log.engine.EngineLogService;
import io.kafscale.log.engine.LogEngine;
import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.cluster.ClusterRecord;
import io.kafscale.metastore.cluster.ClusterStore;
import io.kafscale.metastore.cluster.GroupConfigStore;
import io.kafscale.metastore.cluster.HistoryCompactor;
import io.kafscale.metastore.cluster.ImageKeeper;
import io.kafscale.metastore.cluster.MetadataAccess;
import io.kafscale.metastore.cluster.MetadataKeys;
import io.kafscale.metastore.cluster.PlacementStore;
import io.kafscale.metastore.cluster.ProducerIdBlocks;
import io.kafscale.metastore.cluster.ProducerIdStore;
import io.kafscale.metastore.cluster.TopicStore;
import io.kafscale.objectstore.ObjectStore;
import io.kafscale.objectstore.RetryingObjectStore;
import io.kafscale.objectstore.StoreProbe;
import io.kafscale.runtime.Backoff;
import io.kafscale.runtime.EventLoop;
import io.kafscale.runtime.ThreadEventLoop;
import io.kafscale.wire.ConnectionLimits;
import io.kafscale.wire.ListenerSettings;
import io.kafscale.wire.NetworkListener;
import io.kafscale.wire.RequestLimits;
import io.kafscale.wire.ServerSettings;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A broker put together: stores, log, groups, network, in the order in which they need each other, and taken apart in the reverse.
 * The one place that does so. {@link #takeOver} and {@link #listen} are called once, by one thread; the rest is thread-safe.
 */
final class BrokerNode implements RunningNode {
    private static final int PRODUCER_ID_BLOCK = 1000;
    private static final Duration PROBE_LIMIT = Duration.ofSeconds(20);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(30);
    private static final RetryingObjectStore.Policy READ_RETRIES = new RetryingObjectStore.Policy(
            new Backoff(Duration.ofMillis(50), Duration.ofSeconds(2)), Duration.ofSeconds(30));
    private static final Logger LOG = LoggerFactory.getLogger(BrokerNode.class);

    private final KafscaleSettings settings;
    private final HostPort listen;
    private final HostPort advertised;
    private final Parts parts = new Parts();
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();
    private @Nullable Membership membership;

    /**
     * A node that has opened nothing.
     *
     * @param listen the address it will bind, with a definite port
     */
    BrokerNode(KafscaleSettings settings, HostPort listen) {
        this.settings = settings;
        this.listen = listen;
        this.advertised = settings.network().advertised().orElse(listen);
    }

    /**
     * Opens the stores, proves that the object store is safe, and leads whatever nobody else does. The port is held meanwhile, so that
     * a process which had it before is known to be gone.
     *
     * @return what request handlers work with
     */
    BrokerContext takeOver() throws InterruptedException, ExecutionException {
        String namespace = settings.node().namespace();
        var loop = parts.keep("log loop", new ThreadEventLoop("kafscale-log", BrokerNode::taskFailed));
        var random = new SecureRandom();
        // Half a broker is worse than none: when one of its stores has failed for good it would go on, unable to serve
        // producers, groups and topics, and nobody would start it again.
        ObjectStore objects = parts.keep("object store", Stores.openObjects(settings, stopped::completeExceptionally));
        new StoreProbe(objects, namespace, loop, random).run(PROBE_LIMIT).get();
        MetadataStore metadata =
                parts.keep("metadata store", Stores.openMetadata(settings, loop, stopped::completeExceptionally));
        var access = new MetadataAccess(metadata, new MetadataKeys(namespace), loop, random);
        var images = parts.keep("cluster image", new ImageKeeper(access));

        long aloneSince = new ClusterStore(access).revision().get();
        var engine = engine(objects, access, images, random, aloneSince);
        ClusterRecord cluster = engine.start().get();
        parts.add("log", () -> await(engine.close()));

        if (settings.metadata().uri() instanceof MetadataUri.Etcd) {
            // The embedded store bounds its history by itself.
            engine.addChore(new HistoryCompactor(access));
        }
        var groups = groups(access, images, engine);
        var context = new BrokerContext(
                brokerSettings(cluster),
                new EngineLogService(engine, loop),
                images,
                new TopicStore(access),
                new PlacementStore(access),
                new ProducerIdBlocks(new ProducerIdStore(access), loop, PRODUCER_ID_BLOCK),
                groups.host().operations(),
                new GroupSettings(groups.rules(), new GroupConfigStore(access)),
                parts.keep("request timers", new ThreadEventLoop("kafscale-requests", BrokerNode::taskFailed)));
        membership = new Membership(cluster.clusterId(), access, images, engine, groups);
        Broker.publishTopics(context, groups.host());
        groups.follow().get();
        return context;
    }

    private LogEngine engine(
            ObjectStore objects, MetadataAccess access, ImageKeeper images, SecureRandom random, long aloneSince) {
        ExecutorService compute = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name("kafscale-segments").daemon().factory());
        parts.add("segment thread", compute::shutdownNow);
        EventLoop loop = access.loop();
        return new LogEngine(
                new EngineContext(
                        new RetryingObjectStore(objects, READ_RETRIES, loop, random),
                        new ObjectLayout(settings.node().namespace()),
                        access,
                        loop,
                        compute,
                        new RecordTimestamps(compute),
                        random,
                        settings.log()),
                new BrokerEndpoint(
                        settings.node().id(),
                        advertised.host(),
                        advertised.port(),
                        settings.node().rack().orElse(null),
                        VersionCommand.version(),
                        aloneSince),
                images);
    }

    private GroupCoordination groups(MetadataAccess access, ImageKeeper images, LogEngine engine) {
        var loop = parts.keep("group loop", new ThreadEventLoop("kafscale-groups", BrokerNode::taskFailed));
        return parts.keep(
                "group coordinator",
                new GroupCoordination(settings.groups(), access, images, engine, loop, new SecureRandom()));
    }

    private BrokerSettings brokerSettings(ClusterRecord cluster) {
        return new BrokerSettings(
                settings.node().id(),
                cluster.clusterId(),
                settings.storage().uri().toString(),
                new BrokerSettings.TopicDefaults(
                        settings.topics().autoCreate(),
                        settings.topics().partitions(),
                        settings.log().segmentBytes(),
                        settings.log().segmentAge().toMillis()),
                settings.requests().validation(),
                settings.requests().maxFetchBytes(),
                settings.requests().unavailableFetchError(),
                ReportedConfigs.of(settings, listen.toString(), advertised.toString()));
    }

    /** Opens the door to clients, and then tells the other brokers so. */
    void listen(BrokerContext context) throws IOException, InterruptedException, ExecutionException {
        var server = ServerSettings.on(ListenerSettings.plaintext(listen.host(), listen.port()))
                .withNetworkThreads(settings.network().threads())
                .withRequests(requestLimits())
                .withConnections(connectionLimits());
        parts.keep("network", Broker.start(server, context, NetworkListener.NONE));
        parts.keep("membership", membership()).join();
    }

    private Membership membership() {
        if (membership == null) {
            throw new IllegalStateException("the broker has not taken over yet");
        }
        return membership;
    }

    private RequestLimits requestLimits() {
        var defaults = RequestLimits.DEFAULTS;
        return new RequestLimits(
                settings.network().maxRequestBytes(),
                settings.network().queuedRequestBytes(),
                defaults.reserveBytes(),
                defaults.smallRequestBytes(),
                defaults.maxInFlightPerConnection(),
                defaults.maxInFlightBytesPerConnection(),
                defaults.receiveTimeout());
    }

    private ConnectionLimits connectionLimits() {
        var defaults = ConnectionLimits.DEFAULTS;
        return new ConnectionLimits(
                settings.network().maxConnections(),
                settings.network().maxConnections(),
                settings.network().maxIdle(),
                defaults.failedAuthenticationDelay(),
                defaults.backlog(),
                defaults.sendBufferBytes(),
                defaults.receiveBufferBytes());
    }

    private static void taskFailed(String loop, Throwable failure) {
        LOG.error("A task failed; this is a defect, please report it [loop={}]", loop, failure);
    }

    private static void await(CompletableFuture<Void> closing) throws Exception {
        try {
            closing.get(CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException slow) {
            throw new CommandException(
                    "the log did not close within " + CLOSE_LIMIT.toSeconds()
                            + " s; nothing acknowledged is lost, the next start will take a little longer",
                    slow);
        }
    }

    /** Closes what a start that failed had opened. */
    void abandon() {
        parts.close();
    }

    @Override
    public HostPort listening() {
        return listen;
    }

    @Override
    public String storage() {
        return Stores.describe(settings.storage());
    }

    @Override
    public String metadata() {
        return Stores.describe(settings.metadata().uri());
    }

    @Override
    public Standing standing() {
        return membership().standing();
    }

    @Override
    public CompletableFuture<Void> handOver() {
        return membership().leave();
    }

    @Override
    public String remaining() {
        return membership().remaining();
    }

    @Override
    public CompletableFuture<Void> stopped() {
        return stopped;
    }

    @Override
    public void close() {
        if (parts.close()) {
            stopped.complete(null);
        }
    }
}
