package io.kafscale.broker;

import io.kafscale.coordinator.BrokerIncarnations;
import io.kafscale.coordinator.GroupCoordinatorHost;
import io.kafscale.coordinator.GroupCoordinatorSettings;
import io.kafscale.coordinator.GroupShards;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.runtime.ThreadEventLoop;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;

/** The real group coordinator of the cluster's broker, with the shards that the plan gives it, and without waiting for members that may come. */
final class TestGroups implements AutoCloseable {
    static final int SHARDS = 4;

    private final ThreadEventLoop loop = new ThreadEventLoop("groups", (name, failure) -> {
        throw new AssertionError(failure);
    });
    private final GroupShards shards = new GroupShards(
            loop,
            new SplittableRandom(7),
            dead -> CompletableFuture.failedFuture(new AssertionError(dead + " is dead")));
    final GroupCoordinatorHost host;

    private record Known(TestCluster cluster) implements BrokerIncarnations {
        @Override
        public boolean mayAnswer(BrokerIncarnation own) {
            return own.equals(cluster.incarnation);
        }

        @Override
        public boolean isOver(BrokerIncarnation other) {
            return cluster.images.image().isOver(other);
        }
    }

    TestGroups(TestCluster cluster) {
        host = GroupCoordinatorHost.start(
                new GroupCoordinatorHost.Identity(TestCluster.NODE, cluster.access.keys(), SHARDS),
                quick(),
                new GroupCoordinatorHost.Collaborators(
                        cluster.store, loop, new SplittableRandom(8), new Known(cluster), shards));
        Broker.publishTopics(cluster.context(host.operations()), host);
        shards.follow(host, cluster.images);
        shards.become(Optional.of(cluster.incarnation));
        TestCluster.await(shards.settled());
    }

    private static GroupCoordinatorSettings quick() {
        GroupCoordinatorSettings settings = GroupCoordinatorSettings.defaults();
        GroupCoordinatorSettings.ClassicGroups classic = settings.classic();
        return new GroupCoordinatorSettings(
                2,
                1,
                settings.queuedWriteBytes(),
                settings.drainLimit(),
                settings.offsets(),
                new GroupCoordinatorSettings.ClassicGroups(
                        classic.minSessionTimeout(), classic.maxSessionTimeout(), Duration.ZERO, classic.maxSize()),
                settings.consumer());
    }

    @Override
    public void close() {
        shards.stop();
        host.close();
        loop.close();
    }
}
