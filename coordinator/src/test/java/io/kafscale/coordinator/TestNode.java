package io.kafscale.coordinator;

import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.Transaction;
import io.kafscale.metastore.cluster.BrokerAvailability;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.BrokerRegistration;
import io.kafscale.metastore.cluster.BrokerRegistry;
import io.kafscale.metastore.cluster.ClusterRecord;
import io.kafscale.metastore.cluster.ClusterStore;
import io.kafscale.metastore.cluster.ImageKeeper;
import io.kafscale.metastore.cluster.MetadataAccess;
import io.kafscale.metastore.cluster.MetadataKeys;
import io.kafscale.metastore.cluster.PlacementStore;
import io.kafscale.metastore.cluster.RegisterResult;
import io.kafscale.runtime.ThreadEventLoop;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/**
 * One broker of several over one metadata store: a coordinator whose shards follow the plan. What the log would do is done by the
 * test: registering, sealing, finding out that the own stream was sealed.
 */
final class TestNode extends TestBroker {
    private static final MetadataKeys KEYS = new MetadataKeys("test");
    private static final Duration TTL = Duration.ofMinutes(10);

    /** What this node asks of the store apart from groups: always reachable, as seen from the test. */
    private final Registrations registrations;

    final ImageKeeper images;
    final GroupShards shards;
    private volatile RegisterResult.Registered registered;

    /** The cluster's records as a test writes them; closed by its owner. */
    static final class Registrations implements AutoCloseable {
        final MetadataStore store;
        final ThreadEventLoop loop;
        final BrokerRegistry registry;
        final PlacementStore placement;

        Registrations(MetadataStore store, long seed) {
            this.store = store;
            loop = new ThreadEventLoop("registrations", (name, failure) -> {
                throw new AssertionError(failure);
            });
            var access = new MetadataAccess(store, KEYS, loop, new SplittableRandom(seed));
            await(new ClusterStore(access).createIfAbsent(new ClusterRecord("a-cluster", 0, 0)));
            registry = new BrokerRegistry(access);
            placement = new PlacementStore(access);
        }

        private RegisterResult.Registered register(int node) {
            BrokerIncarnation next = await(registry.nextIncarnation(node));
            var registration = new BrokerRegistration(next, "127.0.0.1", 9000 + node, null, "test", 1);
            return (RegisterResult.Registered) await(registry.register(registration, TTL));
        }

        /** What the log does with the stream of a dead broker. */
        CompletableFuture<Void> seal(BrokerIncarnation dead) {
            return registry.markClosing(dead)
                    .thenCompose(closing -> registry.markSealed(dead, 1))
                    .thenAccept(done -> {});
        }

        @Override
        public void close() {
            loop.close();
        }
    }

    private TestNode(RegisterResult.Registered registered, Registrations registrations, MetadataStore store) {
        super(registered.registration().value().incarnation(), store, TestBroker.quick(), CoordinatorClock.system());
        this.registered = registered;
        this.registrations = registrations;
        images = new ImageKeeper(new MetadataAccess(store, KEYS, loop, new SplittableRandom()));
        shards = new GroupShards(loop, new SplittableRandom(), registrations::seal);
        over = other -> images.image().isOver(other);
    }

    /** A broker that is registered, knows the topics and is starting. */
    static TestNode start(int node, Registrations registrations, MetadataStore store, GroupTopic... topics) {
        var started = new TestNode(registrations.register(node), registrations, store);
        started.publish(1, topics);
        await(started.images.start());
        started.shards.follow(started.host, started.images);
        started.shards.become(Optional.of(started.incarnation));
        return started;
    }

    @Override
    void lost(int shard, ShardLostException why) {
        super.lost(shard, why);
        shards.onLost(shard, why);
    }

    /** Opens its door, or ends a drain. */
    void serve() {
        become(BrokerAvailability.State.SERVING);
    }

    void drain() {
        become(BrokerAvailability.State.DRAINING);
    }

    private void become(BrokerAvailability.State state) {
        if (!await(registrations.placement.setAvailability(incarnation, state))) {
            throw new AssertionError(incarnation + " is not registered");
        }
    }

    /** Its registration goes, which the node itself need not know. */
    void dropRegistration() {
        await(registered.lease().revoke());
    }

    /** The log has found out that another took over, and is another incarnation from now on, starting. */
    void restart() {
        shards.become(Optional.empty());
        registered = registrations.register(incarnation.brokerId());
        incarnation = registered.registration().value().incarnation();
        shards.become(Optional.of(incarnation));
    }

    /** Waits until its image shows all that has been written so far. */
    void catchUp() {
        var marker = Transaction.builder()
                .put(KEYS.imagePrefix() + "marker", Bytes.utf8(""))
                .build();
        var written = (CommitResult.Committed) await(registrations.store.commit(marker));
        await(images.awaitRevision(written.revision()));
    }

    /** How many shards it answers for. */
    long active() {
        return IntStream.range(0, SHARDS).filter(host::isActive).count();
    }

    @Override
    public void close() {
        shards.stop();
        images.close();
        super.close();
    }
}
