package io.kafscale.app.node;

import io.kafscale.app.settings.KafscaleSettings.Groups;
import io.kafscale.coordinator.GroupCoordinatorHost;
import io.kafscale.coordinator.GroupCoordinatorSettings;
import io.kafscale.coordinator.ShardLostException;
import io.kafscale.metastore.MetadataStore;
import io.kafscale.runtime.Backoff;
import io.kafscale.runtime.EventLoop;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The consumer groups of a cluster of one broker: it holds every shard, and takes back what it loses. Started once; thread-safe
 * afterwards.
 */
final class GroupCoordination {
    /** Groups hash to this many shards for the life of a cluster: as many as Kafka's offsets topic has partitions. */
    private static final int SHARDS = 50;

    private static final Backoff RETRY = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(10));
    private static final Logger LOG = LoggerFactory.getLogger(GroupCoordination.class);

    private final EventLoop loop;
    private final RandomGenerator random;
    private final GroupCoordinatorHost host;
    private volatile boolean ended;

    /**
     * Starts a coordinator that holds no shard yet.
     *
     * @param loop handles the store's answers; outlives this
     * @param random used on {@code loop} only
     */
    GroupCoordination(
            int nodeId,
            String namespace,
            Groups settings,
            MetadataStore store,
            EventLoop loop,
            RandomGenerator random) {
        this.loop = loop;
        this.random = random;
        // Nobody else can take a shard while this broker runs: there is no other, and the embedded store is locked.
        this.host = GroupCoordinatorHost.start(
                new GroupCoordinatorHost.Identity(nodeId, nodeId + "-" + UUID.randomUUID(), namespace, SHARDS),
                coordinatorSettings(settings),
                new GroupCoordinatorHost.Collaborators(store, loop, random, () -> true, this::lost));
    }

    private static GroupCoordinatorSettings coordinatorSettings(Groups groups) {
        var kafka = GroupCoordinatorSettings.defaults();
        return new GroupCoordinatorSettings(
                kafka.threads(),
                kafka.backgroundThreads(),
                kafka.queuedWriteBytes(),
                kafka.drainLimit(),
                new GroupCoordinatorSettings.Offsets(
                        kafka.offsets().commitTimeout(),
                        kafka.offsets().maxMetadataBytes(),
                        groups.offsetsRetention(),
                        kafka.offsets().retentionCheckInterval()),
                new GroupCoordinatorSettings.ClassicGroups(
                        groups.minSessionTimeout(),
                        groups.maxSessionTimeout(),
                        groups.initialRebalanceDelay(),
                        kafka.classic().maxSize()),
                kafka.consumer());
    }

    GroupCoordinatorHost host() {
        return host;
    }

    /** Takes every shard; completes when all answer. */
    CompletableFuture<Void> acquireAll() {
        return CompletableFuture.allOf(
                IntStream.range(0, SHARDS).mapToObj(host::acquire).toArray(CompletableFuture[]::new));
    }

    private void lost(int shard, ShardLostException why) {
        LOG.warn("Lost a shard of the consumer groups, taking it back [shard={}]", shard, why);
        acquireAgain(shard, 0);
    }

    private void acquireAgain(int shard, int attempt) {
        if (ended) {
            return;
        }
        loop.schedule(
                RETRY.delay(attempt, random),
                () -> host.acquire(shard).whenComplete((done, failure) -> {
                    if (failure != null) {
                        acquireOnLoop(shard, attempt + 1, failure);
                    }
                }));
    }

    private void acquireOnLoop(int shard, int attempt, @Nullable Throwable failure) {
        if (!ended) {
            LOG.warn("Could not take a shard of the consumer groups back yet [shard={}]", shard, failure);
            loop.execute(() -> acquireAgain(shard, attempt));
        }
    }

    /** Gives every shard up and stops; blocks. */
    void close() {
        ended = true;
        host.close();
    }
}
