package io.kafscale.app.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.metastore.cluster.BrokerAvailability.State;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.BrokerRegistration;
import io.kafscale.metastore.cluster.BrokerRegistry;
import io.kafscale.metastore.cluster.ClusterRecord;
import io.kafscale.metastore.cluster.ClusterStore;
import io.kafscale.metastore.cluster.CreateTopicResult;
import io.kafscale.metastore.cluster.ImageKeeper;
import io.kafscale.metastore.cluster.MetadataAccess;
import io.kafscale.metastore.cluster.MetadataKeys;
import io.kafscale.metastore.cluster.NewTopic;
import io.kafscale.metastore.cluster.PartitionChange;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.PartitionStore;
import io.kafscale.metastore.cluster.PlacementStore;
import io.kafscale.metastore.cluster.RegisterResult;
import io.kafscale.metastore.cluster.TopicRecord;
import io.kafscale.metastore.cluster.TopicStore;
import io.kafscale.metastore.cluster.Versioned;
import io.kafscale.metastore.embedded.EmbeddedMetadataStore;
import io.kafscale.runtime.ThreadEventLoop;
import java.io.PrintWriter;
import java.io.Writer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** The metadata of a cluster whose brokers are written by hand, in a store of this process. */
final class MetadataOfACluster implements AutoCloseable {
    static final String CLUSTER_ID = "a-cluster";
    private static final String NAMESPACE = "test";

    final ThreadEventLoop loop = new ThreadEventLoop("store", (name, failure) -> {
        throw new AssertionError(name, failure);
    });
    final EmbeddedMetadataStore store = EmbeddedMetadataStore.inMemory(loop);
    final MetadataAccess access = new MetadataAccess(store, new MetadataKeys(NAMESPACE), loop, new SplittableRandom(1));
    final BrokerRegistry registry = new BrokerRegistry(access);
    final PlacementStore placement = new PlacementStore(access);

    MetadataOfACluster withRecord() {
        await(new ClusterStore(access).createIfAbsent(new ClusterRecord(CLUSTER_ID, 0, 0)));
        return this;
    }

    ClusterSession session() {
        return new ClusterSession(
                store.client(), NAMESPACE, ClusterSession.newLoop(), new PrintWriter(Writer.nullWriter()));
    }

    static <T> T await(CompletableFuture<T> future) {
        return future.orTimeout(20, TimeUnit.SECONDS).join();
    }

    BrokerIncarnation register(int id) {
        BrokerIncarnation incarnation = await(registry.nextIncarnation(id));
        var registration = new BrokerRegistration(
                incarnation, "b" + id, 9092, id == 1 ? "rack-a" : null, "0.1", 1_700_000_000_000L);
        assertThat(await(registry.register(registration, Duration.ofSeconds(60))))
                .isInstanceOf(RegisterResult.Registered.class);
        return incarnation;
    }

    BrokerIncarnation serve(int id) {
        BrokerIncarnation incarnation = register(id);
        assertThat(await(placement.setAvailability(incarnation, State.SERVING))).isTrue();
        return incarnation;
    }

    TopicRecord topic(String name, int partitions) {
        var result = await(new TopicStore(access).create(new NewTopic(name, partitions, Map.of())));
        if (result instanceof CreateTopicResult.Created created) {
            return created.topic();
        }
        throw new AssertionError("not created: " + result);
    }

    /** A broker begins to lead a partition that nobody led. */
    void lead(TopicRecord topic, int partition, BrokerIncarnation leader) {
        var keys = access.keys();
        var current = await(store.get(keys.topic(topic.name()))).orElseThrow();
        await(new PartitionStore(access)
                .commit(
                        List.of(PartitionChange.create(
                                keys, new Versioned<>(topic, current.modRevision()), partition, leader)),
                        List.of()));
        assertThat(await(store.get(keys.partition(new PartitionId(topic.id(), partition)))))
                .isPresent();
    }

    /** The leader releases a partition that holds nothing, and another broker takes it. */
    void handOver(TopicRecord topic, int partition, BrokerIncarnation to) {
        var id = new PartitionId(topic.id(), partition);
        change(id, record -> record.release(0));
        change(id, record -> record.acquire(to));
    }

    private void change(PartitionId id, UnaryOperator<PartitionRecord> step) {
        try (var images = new ImageKeeper(access)) {
            Versioned<PartitionRecord> before =
                    await(images.start()).partition(id).orElseThrow();
            await(new PartitionStore(access)
                    .commit(List.of(PartitionChange.update(before, step.apply(before.value()))), List.of()));
        }
    }

    @Override
    public void close() {
        store.close();
        loop.close();
    }
}
