package io.kafscale.broker;

import io.kafscale.coordinator.GroupCoordinatorHost;
import io.kafscale.coordinator.GroupCoordinatorSettings;
import io.kafscale.metastore.embedded.EmbeddedMetadataStore;
import io.kafscale.runtime.ThreadEventLoop;
import java.time.Duration;
import java.util.SplittableRandom;

/** The real group coordinator, on a store of its own, with every shard, and without waiting for members that may come. */
final class TestGroups implements AutoCloseable {
    private final ThreadEventLoop loop = new ThreadEventLoop("groups", (name, failure) -> {
        throw new AssertionError(failure);
    });
    private final GroupShards shards = new GroupShards(loop, new SplittableRandom(7));
    final GroupCoordinatorHost host;

    TestGroups(TestCluster cluster) {
        host = GroupCoordinatorHost.start(
                new GroupCoordinatorHost.Identity(TestCluster.NODE, cluster.incarnation.streamName(), "test", 4),
                quick(),
                new GroupCoordinatorHost.Collaborators(
                        EmbeddedMetadataStore.inMemory(loop), loop, new SplittableRandom(8), () -> true, shards));
        Broker.publishTopics(cluster.context(host.operations()), host);
        TestCluster.await(shards.acquireAll(host));
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
