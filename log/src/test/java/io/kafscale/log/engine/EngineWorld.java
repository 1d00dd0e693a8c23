package io.kafscale.log.engine;

import static java.util.Objects.requireNonNull;

import io.kafscale.format.ObjectLayout;
import io.kafscale.format.StreamId;
import io.kafscale.log.AppendResult;
import io.kafscale.log.LogSettings;
import io.kafscale.log.PartitionStatus;
import io.kafscale.log.fixture.Batches;
import io.kafscale.log.fixture.RecordingStore;
import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.Transaction;
import io.kafscale.metastore.cluster.MetadataAccess;
import io.kafscale.metastore.cluster.MetadataKeys;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.ProducerIdStore;
import io.kafscale.metastore.cluster.TopicRecord;
import io.kafscale.metastore.embedded.EmbeddedMetadataStore;
import io.kafscale.runtime.simulated.SimulatedTime;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A small cluster with records in it, for tests of what looks at it from outside: brokers come and go, the stores stay. */
public final class EngineWorld {
    private final TestCluster cluster = new TestCluster();
    private @Nullable TestBroker broker;

    /** Segments are cut early, so that few records make several. */
    public EngineWorld() {
        settings(1024, Duration.ofMinutes(10));
    }

    /** Settings of brokers that start from now on. */
    public void settings(int segmentBytes, Duration segmentAge) {
        LogSettings defaults = LogSettings.defaults();
        cluster.settings = new LogSettings(
                defaults.flushRatePerSecond(),
                defaults.flushBytes(),
                defaults.walBufferBytes(),
                defaults.tailCacheBytes(),
                defaults.blockCacheBytes(),
                segmentBytes,
                segmentAge,
                defaults.collectGrace(),
                defaults.retentionCheckInterval());
    }

    public RecordingStore objects() {
        return cluster.objects;
    }

    public ObjectLayout layout() {
        return cluster.layout;
    }

    public MetadataKeys keys() {
        return cluster.keys;
    }

    public SimulatedTime time() {
        return cluster.time;
    }

    public Duration grace() {
        return cluster.settings.collectGrace();
    }

    public LogSettings logSettings() {
        return cluster.settings;
    }

    /** Access to the metadata beside any broker. */
    public MetadataAccess access() {
        return cluster.access();
    }

    /** Starts a broker. */
    public void start() {
        start(1);
    }

    public void start(int id) {
        TestBroker started = cluster.broker(id);
        cluster.await(started.start());
        broker = started;
    }

    /** Starts a broker that must not start; returns why. */
    public Throwable refusal() {
        TestBroker refused = cluster.broker(1);
        Throwable why = cluster.failure(refused.start());
        refused.crash();
        return why;
    }

    private TestBroker running() {
        return requireNonNull(broker, "no broker runs");
    }

    /** Shuts the broker down in good order. */
    public void stop() {
        running().close();
        broker = null;
    }

    /** The broker dies, and its registration runs out. */
    public void crash() {
        running().crash();
        broker = null;
        cluster.outliveLeases();
    }

    public TopicRecord create(String name, int partitions) {
        return running().create(name, partitions);
    }

    public TopicRecord create(String name, int partitions, Map<String, String> configs) {
        return running().create(name, partitions, configs);
    }

    /** The topic of this name, as the broker knows it. */
    public TopicRecord topic(String name) {
        return running().images.image().topic(name).orElseThrow().value();
    }

    public boolean hasTopic(String name) {
        return running().images.image().topic(name).isPresent();
    }

    public void delete(TopicRecord topic) {
        running().delete(topic);
    }

    public static PartitionId partition(TopicRecord topic, int partition) {
        return new PartitionId(topic.id(), partition);
    }

    public AppendResult produce(PartitionId id, String... values) {
        return running().produce(id, values);
    }

    public CompletableFuture<AppendResult> append(PartitionId id, ByteBuffer batches) {
        return running().append(id, batches);
    }

    /** Appends so many records one by one, each of about 200 bytes: with the settings of this world five make a segment. */
    public void fill(PartitionId id, int from, int to) {
        for (int i = from; i < to; i++) {
            produce(id, i + "-" + "x".repeat(150));
        }
        cluster.settle();
    }

    /** Every record of a partition, in order; fails if an offset is missing. */
    public List<String> values(PartitionId id) {
        return running().values(id);
    }

    /** Every record that is left of a partition. */
    public List<Batches.Read> read(PartitionId id) {
        return running().readAll(id, running().status(id).logStartOffset());
    }

    public PartitionStatus status(PartitionId id) {
        return running().status(id);
    }

    public PartitionRecord record(PartitionId id) {
        return running().record(id);
    }

    /** Takes so many producer ids and returns the first. */
    public long takeProducerIds(int count) {
        return await(new ProducerIdStore(cluster.access()).next(count)).firstId();
    }

    public StreamId stream() {
        return running().stream();
    }

    public void deleteRecordsBefore(PartitionId id, long offset) {
        await(running().log.deleteRecords(id, offset));
    }

    public <T> T await(CompletableFuture<T> future) {
        return cluster.await(future);
    }

    public Throwable failure(CompletableFuture<?> future) {
        return cluster.failure(future);
    }

    public void advance(Duration duration) {
        cluster.advance(duration);
    }

    public void settle() {
        cluster.settle();
    }

    /** The metadata is lost. */
    public void loseMetadata() {
        cluster.loseMetadata();
    }

    /** Everything the metadata store holds, as a copy of it would. */
    public List<KeyValue> snapshot() {
        return await(cluster.metadata.range("")).keys();
    }

    /** The metadata is what it was when the copy was taken: an older store, whose keys of leases are gone. */
    public void restore(List<KeyValue> snapshot) {
        cluster.metadata = EmbeddedMetadataStore.inMemory(cluster.time.newLoop("metadata"));
        List<KeyValue> kept =
                snapshot.stream().filter(key -> key.leaseId() == 0).toList();
        for (int from = 0; from < kept.size(); from += 100) {
            var transaction = Transaction.builder();
            kept.subList(from, Math.min(kept.size(), from + 100))
                    .forEach(key -> transaction.requireAbsent(key.key()).put(key.key(), key.value()));
            await(cluster.metadata.commit(transaction.build()));
        }
    }

    public String metadata(String key) {
        return await(cluster.metadata.get(key)).orElseThrow().value().utf8();
    }

    public void putMetadata(String key, String value) {
        var before = await(cluster.metadata.get(key));
        await(cluster.metadata.commit(Transaction.builder()
                .require(key, before.map(KeyValue::modRevision).orElse(0L))
                .put(key, Bytes.utf8(value))
                .build()));
    }

    public void deleteMetadata(String key) {
        cluster.deleteMetadata(key);
    }
}
