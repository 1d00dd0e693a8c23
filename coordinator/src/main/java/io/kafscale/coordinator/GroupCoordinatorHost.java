package io.kafscale.coordinator;

import com.yammer.metrics.core.MetricsRegistry;
import io.kafscale.coordinator.ShardLoad.End;
import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.MetadataKeys;
import io.kafscale.runtime.Backoff;
import io.kafscale.runtime.ByteBudget;
import io.kafscale.runtime.EventLoop;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.coordinator.group.GroupConfigManager;
import org.apache.kafka.coordinator.group.GroupCoordinatorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Apache Kafka's group coordinator, with the metadata store in the place of {@code __consumer_offsets}. One per broker. Thread-safe;
 * no call blocks except {@link #start} for as long as it takes to start threads, and {@link #close()}.
 *
 * <p>A broker publishes its topics, acquires the shards it leads, and asks {@link #operations()}. Acquisitions wait for the first
 * publication, because a coordinator that knows no topics would take them from every member.
 */
public final class GroupCoordinatorHost implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(GroupCoordinatorHost.class);

    private static final Backoff STORE_RETRIES = new Backoff(Duration.ofMillis(5), Duration.ofSeconds(1));

    private final Identity identity;
    private final Collaborators collaborators;
    private final GroupCoordinatorSettings settings;
    private final StoreAccess access;
    private final StorePartitionWriter writer;
    private final ShardLoader loader;
    private final List<ShardSeat> seats;
    private final Metrics metrics = new Metrics();
    private final MetricsRegistry registry = new MetricsRegistry();
    private final GroupCoordinatorService service;
    private final GroupConfigManager groupConfigs;
    private final TopicPublisher topics;
    private final GroupOperations operations;
    private volatile boolean closed;

    /**
     * Which broker this is and how groups are divided.
     *
     * @param keys of the cluster's namespace
     * @param shards how many shards groups hash to: the same for the life of a cluster
     */
    public record Identity(int nodeId, MetadataKeys keys, int shards) {}

    /**
     * What the host works with.
     *
     * @param loop where the store's answers are handled; stays open until the host is closed
     * @param random for nonces and the jitter of retries; belongs to the loop
     * @param onLost told, on the loop, that a shard was lost: acquire it again if it is still this broker's
     */
    public record Collaborators(
            MetadataStore store,
            EventLoop loop,
            RandomGenerator random,
            BrokerIncarnations incarnations,
            LossListener onLost) {}

    /** Told when a shard is lost without having been released. */
    public interface LossListener {
        /** {@code shard} is not active any more; called on the host's loop. */
        void onLost(int shard, ShardLostException why);
    }

    /** Starts a host that holds no shard and knows no topics. */
    public static GroupCoordinatorHost start(
            Identity identity, GroupCoordinatorSettings settings, Collaborators collaborators) {
        KafkaCoordinator.check(settings);
        return new GroupCoordinatorHost(identity, settings, collaborators, CoordinatorClock.system());
    }

    GroupCoordinatorHost(
            Identity identity, GroupCoordinatorSettings settings, Collaborators collaborators, CoordinatorClock clock) {
        this.identity = identity;
        this.collaborators = collaborators;
        this.settings = settings;
        EventLoop loop = collaborators.loop();
        access = new StoreAccess(collaborators.store(), loop, STORE_RETRIES, collaborators.random());
        writer = new StorePartitionWriter(
                identity.shards(), shard -> signal(() -> seat(shard).loaded()));
        loader = new ShardLoader(
                identity.shards(),
                access,
                clock.time(),
                new ByteBudget("group writes", settings.queuedWriteBytes()),
                writer,
                (shard, tenure, why) -> seat(shard).lost(tenure, why));
        seats = IntStream.range(0, identity.shards())
                .mapToObj(shard -> new ShardSeat(shard, loop, settings.drainLimit(), new Surroundings()))
                .toList();
        groupConfigs = KafkaCoordinator.groupConfigs(settings);
        service = new KafkaCoordinator(
                        identity.nodeId(),
                        settings,
                        clock,
                        groupConfigs,
                        writer,
                        loader,
                        metrics,
                        new UnloadSignals(
                                registry,
                                metrics,
                                shard -> signal(() -> seat(shard).unloaded())))
                .build();
        service.startup(identity::shards);
        topics = new TopicPublisher(service::onMetadataUpdate);
        operations = new GuardedGroupOperations(
                service, new ShardGuard(seats, service::partitionFor, collaborators.incarnations()), topics::idOf);
    }

    /**
     * Takes a shard that nobody owns, or who is over, and loads it. Waits for a store that cannot be reached. A shard that this host
     * holds is left as it is: who has learnt that somebody else took it, or wants to hold it as another incarnation, releases it
     * first.
     *
     * @param as the incarnation that this broker is now
     * @return completes when the shard answers; exceptionally with {@link ShardLostException} if it is released before, is owned by
     *     somebody else, or cannot be loaded
     */
    public CompletableFuture<Void> acquire(int shard, BrokerIncarnation as) {
        if (closed) {
            return CompletableFuture.failedFuture(new ShardLostException(shard, "the coordinator is closed"));
        }
        return onLoop(() -> seat(shard).acquire(as));
    }

    /**
     * Gives a shard up: takes no more writes, waits for those under way ({@link GroupCoordinatorSettings#drainLimit()} at most), and
     * answers {@code NOT_COORDINATOR} from then on. Then says so in the store, so that the next owner need not wait.
     *
     * @return completes when nothing will be written under this ownership any more and the store says so, or says that the shard has
     *     another owner; waits for a store that cannot be reached; never fails
     */
    public CompletableFuture<Void> release(int shard) {
        return onLoop(() -> seat(shard).release());
    }

    /**
     * Releases in the store what {@code as} owns though this host does not hold it: a claim that was given up took place late. Like
     * {@link #release} otherwise.
     */
    public CompletableFuture<Void> disown(int shard, BrokerIncarnation as) {
        return onLoop(() -> seat(shard).disown(as));
    }

    /** Whether a shard is loaded and answers. */
    public boolean isActive(int shard) {
        return seat(shard).answering();
    }

    /** The mod revision of the owner key with which a shard that is held was taken, 0 if it is not held. */
    public long heldRevision(int shard) {
        return seat(shard).heldRevision();
    }

    /** How many shards there are. */
    public int shards() {
        return identity.shards();
    }

    /**
     * Tells the groups which topics there are: all of them, each time. A topic id that is gone is a deleted topic, and its committed
     * offsets are dropped. May be called on any thread; a call that has not been applied yet is overtaken by the next.
     *
     * @param revision the metadata revision the topics were read at, so that offsets of unknown topics are told from those of newer
     *     ones; a publication of a lower revision than an earlier one is ignored
     * @return completes when these topics, or later ones, are known to the groups
     */
    public CompletableFuture<Void> publishTopics(long revision, Collection<GroupTopic> all) {
        CompletableFuture<Void> published = topics.publish(revision, all);
        published.thenRun(() -> collaborators.loop().execute(() -> {
            for (ShardSeat seat : seats) {
                seat.ready();
            }
        }));
        return published;
    }

    /**
     * Tells what is set for a group, all of it: it counts from the group's next event on. Values that this broker's own settings do not
     * allow any more count as the nearest that they allow.
     */
    public void configureGroup(String group, Map<String, String> configs) {
        var properties = new Properties();
        properties.putAll(configs);
        groupConfigs.updateGroupConfig(group, properties);
    }

    /** The group APIs. */
    public GroupOperations operations() {
        return operations;
    }

    /** The coordinator's own metrics, Kafka's new kind. */
    public Metrics metrics() {
        return metrics;
    }

    /** The coordinator's own metrics, Kafka's old kind. */
    public MetricsRegistry metricsRegistry() {
        return registry;
    }

    /** Releases all shards and ends the coordinator's threads. Blocks; not to be called on the loop. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        CompletableFuture<?>[] releases =
                IntStream.range(0, seats.size()).mapToObj(this::release).toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(releases).get(2 * settings.drainLimit().toMillis() + 1_000, TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            log.warn("closing the group coordinator though not every shard was given up", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        closed = true;
        collaborators.loop().execute(() -> seats.forEach(ShardSeat::stopReleasing));
        topics.close();
        service.shutdown();
        metrics.close();
        registry.shutdown();
    }

    private ShardSeat seat(int shard) {
        return seats.get(shard);
    }

    /** Hands a sign of the runtime to the loop. What the runtime drops while it ends is of no interest. */
    private void signal(Runnable sign) {
        if (!closed) {
            collaborators.loop().execute(sign);
        }
    }

    private <T> CompletableFuture<T> onLoop(Supplier<CompletableFuture<T>> call) {
        return CompletableFuture.supplyAsync(call, collaborators.loop()).thenCompose(result -> result);
    }

    /** What the seats ask of the host; all on the loop. */
    private final class Surroundings implements ShardSeat.Surroundings {
        @Override
        public ShardClaim claim(int shard, BrokerIncarnation as) {
            return new ShardClaim(
                    ShardKeys.of(identity.keys(), shard), as, collaborators.incarnations()::isOver, access);
        }

        @Override
        public ShardRelease release(int shard, BrokerIncarnation as, Runnable onSettled) {
            return new ShardRelease(ShardKeys.of(identity.keys(), shard), as, access, onSettled);
        }

        @Override
        public void elect(ShardLoad load) {
            loader.expect(load);
            service.onElection(
                    load.ownership().shard(), Math.toIntExact(load.ownership().epoch()));
        }

        @Override
        public void resign(int shard) {
            writer.shut(shard);
            service.onResignation(shard, OptionalInt.empty());
        }

        @Override
        public void active(int shard, End.Loaded loaded) {
            topics.loaded(loaded.topics());
        }

        @Override
        public void lost(int shard, ShardLostException why) {
            collaborators.onLost().onLost(shard, why);
        }
    }
}
