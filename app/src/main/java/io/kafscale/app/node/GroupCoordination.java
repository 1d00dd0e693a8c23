package io.kafscale.app.node;

import io.kafscale.app.settings.KafscaleSettings.Groups;
import io.kafscale.coordinator.BrokerIncarnations;
import io.kafscale.coordinator.GroupConfigRules;
import io.kafscale.coordinator.GroupCoordinatorHost;
import io.kafscale.coordinator.GroupCoordinatorSettings;
import io.kafscale.coordinator.GroupShards;
import io.kafscale.log.engine.LogEngine;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.ImageKeeper;
import io.kafscale.metastore.cluster.MetadataAccess;
import io.kafscale.runtime.EventLoop;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/** The consumer groups of a broker: the coordinator, and which of its shards are here. Thread-safe. */
public final class GroupCoordination implements AutoCloseable {
    /** Groups hash to this many shards for the life of a cluster: as many as Kafka's offsets topic has partitions. */
    public static final int SHARDS = 50;

    private final GroupShards shards;
    private final GroupCoordinatorHost host;
    private final GroupConfigRules rules;
    private final LogEngine engine;
    private final ImageKeeper images;
    private volatile Optional<BrokerIncarnation> incarnation = Optional.empty();

    /**
     * Starts a coordinator that holds no shard yet.
     *
     * @param engine says which incarnation this broker is, and seals the streams of dead ones
     * @param loop handles the store's answers; outlives this
     * @param random used on {@code loop} only
     */
    GroupCoordination(
            Groups settings,
            MetadataAccess metadata,
            ImageKeeper images,
            LogEngine engine,
            EventLoop loop,
            RandomGenerator random) {
        this.engine = engine;
        this.images = images;
        this.shards = new GroupShards(loop, random, engine::seal);
        GroupCoordinatorSettings coordinator = coordinatorSettings(settings);
        this.rules = new GroupConfigRules(coordinator);
        this.host = GroupCoordinatorHost.start(
                new GroupCoordinatorHost.Identity(engine.brokerId(), metadata.keys(), SHARDS),
                coordinator,
                new GroupCoordinatorHost.Collaborators(metadata.store(), loop, random, new Known(), shards));
    }

    /** What the log and the image say. */
    private final class Known implements BrokerIncarnations {
        /** Between two incarnations the log says that there is none, so what it says of itself is said of {@code own}. */
        @Override
        public boolean mayAnswer(BrokerIncarnation own) {
            return incarnation.filter(own::equals).isPresent() && engine.isIncumbent();
        }

        @Override
        public boolean isOver(BrokerIncarnation other) {
            return images.image().isOver(other);
        }
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

    /** What may be set for single groups. */
    GroupConfigRules rules() {
        return rules;
    }

    GroupCoordinatorHost host() {
        return host;
    }

    /** Begins to hold the shards that the plan gives this broker; completes when it does. Once. */
    CompletableFuture<Void> follow() {
        shards.follow(host, images);
        engine.addIncarnationListener(now -> {
            incarnation = now;
            shards.become(now);
        });
        return shards.settled();
    }

    /** Completes as soon as the shards that are here are those which the plan gives this broker. */
    CompletableFuture<Void> settled() {
        return shards.settled();
    }

    /** Gives every shard up and stops; blocks. */
    @Override
    public void close() {
        shards.stop();
        host.close();
    }
}
