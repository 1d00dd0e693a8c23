package io.kafscale.app.node;

import io.kafscale.app.settings.KafscaleSettings.Groups;
import io.kafscale.broker.GroupShards;
import io.kafscale.coordinator.GroupCoordinatorHost;
import io.kafscale.coordinator.GroupCoordinatorSettings;
import io.kafscale.metastore.MetadataStore;
import io.kafscale.runtime.EventLoop;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/** The consumer groups of a cluster of one broker, which holds every shard. Thread-safe. */
public final class GroupCoordination implements AutoCloseable {
    /** Groups hash to this many shards for the life of a cluster: as many as Kafka's offsets topic has partitions. */
    public static final int SHARDS = 50;

    private final GroupShards shards;
    private final GroupCoordinatorHost host;

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
        this.shards = new GroupShards(loop, random);
        // Nobody else can take a shard while this broker runs: there is no other, and the embedded store is locked.
        this.host = GroupCoordinatorHost.start(
                new GroupCoordinatorHost.Identity(nodeId, nodeId + "-" + UUID.randomUUID(), namespace, SHARDS),
                coordinatorSettings(settings),
                new GroupCoordinatorHost.Collaborators(store, loop, random, () -> true, shards));
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
        return shards.acquireAll(host);
    }

    /** Gives every shard up and stops; blocks. */
    @Override
    public void close() {
        shards.stop();
        host.close();
    }
}
