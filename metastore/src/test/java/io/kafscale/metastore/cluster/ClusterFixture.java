package io.kafscale.metastore.cluster;

import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.ManualLoop;
import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.embedded.EmbeddedMetadataStore;
import io.kafscale.runtime.EventLoop;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** A cluster's stores over an embedded store in memory, with the clock turned by hand. */
final class ClusterFixture {
    final ManualLoop loop = new ManualLoop();
    final MetadataKeys keys = new MetadataKeys("test");
    final EmbeddedMetadataStore store;
    final TopicStore topics;
    final PartitionStore partitions;
    final BrokerRegistry registry;
    final ClusterStore clusters;
    final ProducerIdStore producerIds;

    ClusterFixture() {
        this(EmbeddedMetadataStore::inMemory);
    }

    ClusterFixture(Function<EventLoop, EmbeddedMetadataStore> opener) {
        store = opener.apply(loop);
        MetadataAccess access = accessOf(store, 1);
        topics = new TopicStore(access);
        partitions = new PartitionStore(access);
        registry = new BrokerRegistry(access);
        clusters = new ClusterStore(access);
        producerIds = new ProducerIdStore(access);
    }

    final MetadataAccess accessOf(MetadataStore client, long seed) {
        return new MetadataAccess(client, keys, loop, new SplittableRandom(seed));
    }

    ClusterFixture withCluster() {
        await(clusters.createIfAbsent(new ClusterRecord("a-cluster", 0, 0)));
        return this;
    }

    <T> T await(CompletableFuture<T> future) {
        return loop.await(future);
    }

    TopicRecord createTopic(String name, int count) {
        CreateTopicResult result = await(topics.create(new NewTopic(name, count, Map.of())));
        if (result instanceof CreateTopicResult.Created created) {
            return created.topic();
        }
        throw new AssertionError("not created: " + result);
    }

    Versioned<TopicRecord> topic(String name) {
        KeyValue stored = await(store.get(keys.topic(name))).orElseThrow();
        return new Versioned<>(RecordJson.topic(name, stored), stored.modRevision());
    }

    List<String> keysUnder(String prefix) {
        return await(store.range(prefix)).keys().stream().map(KeyValue::key).toList();
    }
}
