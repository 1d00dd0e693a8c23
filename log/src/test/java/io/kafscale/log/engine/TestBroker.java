package io.kafscale.log.engine;

import io.kafscale.format.StreamId;
import io.kafscale.log.AppendRequest;
import io.kafscale.log.AppendRequest.Acknowledge;
import io.kafscale.log.AppendResult;
import io.kafscale.log.FetchQuery;
import io.kafscale.log.FetchResult;
import io.kafscale.log.PartitionStatus;
import io.kafscale.log.fixture.Batches;
import io.kafscale.log.read.RecordTimestampFinder;
import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.cluster.BrokerAvailability;
import io.kafscale.metastore.cluster.ClusterRecord;
import io.kafscale.metastore.cluster.CreateTopicResult;
import io.kafscale.metastore.cluster.DeleteTopicResult;
import io.kafscale.metastore.cluster.ImageKeeper;
import io.kafscale.metastore.cluster.MetadataAccess;
import io.kafscale.metastore.cluster.NewTopic;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.TopicRecord;
import io.kafscale.metastore.cluster.TopicStore;
import io.kafscale.runtime.EventLoop;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/** One broker process: everything that is gone when it dies. */
final class TestBroker {
    static final Duration DEADLINE = Duration.ofSeconds(30);

    final TestCluster cluster;
    final int id;
    final EventLoop loop;
    final FaultyMetadata metadata;
    final MetadataStore client;
    final MetadataAccess access;
    final ImageKeeper images;
    final TopicStore topics;
    final LogEngine engine;
    final EngineLogService log;
    private boolean dead;
    private boolean cutOff;

    TestBroker(TestCluster cluster, int id, RandomGenerator random) {
        this(cluster, new BrokerEndpoint(id, "localhost", 9092, null, "test"), random);
    }

    TestBroker(TestCluster cluster, BrokerEndpoint endpoint, RandomGenerator random) {
        this.cluster = cluster;
        this.id = endpoint.brokerId();
        this.loop = cluster.time.newLoop("broker " + endpoint.brokerId());
        this.metadata = new FaultyMetadata(cluster.metadata.client());
        this.client = metadata;
        this.access = new MetadataAccess(client, cluster.keys, loop, random);
        this.images = new ImageKeeper(access);
        this.topics = new TopicStore(access);
        var context = new EngineContext(
                cluster.objects,
                cluster.layout,
                access,
                loop,
                loop,
                (batch, timestampMs, minOffset) ->
                        CompletableFuture.completedFuture(Batches.firstAtOrAfter(batch, timestampMs, minOffset)
                                .map(found -> new RecordTimestampFinder.Found(found.offset(), found.timestampMs()))),
                random,
                cluster.settings);
        this.engine = new LogEngine(context, endpoint, images);
        this.log = new EngineLogService(engine, loop);
    }

    CompletableFuture<ClusterRecord> start() {
        return engine.start();
    }

    /** Whether the process is there. */
    boolean isAlive() {
        return !dead;
    }

    /** Whether it hears the metadata store. */
    boolean isConnected() {
        return !cutOff;
    }

    /** The metadata store is out of reach for good, for this process. */
    void cutOff() {
        cutOff = true;
        client.close();
    }

    /** From now on it answers clients and may be given leadership. */
    void serve() {
        cluster.await(engine.announce(BrokerAvailability.State.SERVING));
    }

    /** It gives up everything it leads. */
    void drain() {
        cluster.await(engine.announce(BrokerAvailability.State.DRAINING));
        cluster.await(engine.drain());
    }

    /** The partitions of a topic that it leads, as it believes. */
    List<Integer> leads(TopicRecord topic) {
        var led = new ArrayList<Integer>();
        for (int partition = 0; partition < topic.partitions(); partition++) {
            if (engine.session().partition(partition(topic, partition)).isPresent()) {
                led.add(partition);
            }
        }
        return led;
    }

    /** The process dies: what it had planned never happens, and its lease is not renewed any more. */
    void crash() {
        dead = true;
        cluster.time.kill(loop);
        client.close();
    }

    /** A clean shutdown, and the end of the process. */
    void close() {
        cluster.await(engine.close());
        images.close();
        cluster.settle();
        crash();
    }

    TopicRecord create(String name, int partitions) {
        return create(name, partitions, Map.of());
    }

    /** Creates a topic and waits until it is served. */
    TopicRecord create(String name, int partitions, Map<String, String> configs) {
        TopicRecord topic = createOnly(name, partitions, configs);
        cluster.await(log.ready(topic.id()));
        return topic;
    }

    TopicRecord createOnly(String name, int partitions, Map<String, String> configs) {
        CreateTopicResult result = cluster.await(topics.create(new NewTopic(name, partitions, configs)));
        if (result instanceof CreateTopicResult.Created created) {
            return created.topic();
        }
        throw new AssertionError("not created: " + result);
    }

    void delete(TopicRecord topic) {
        DeleteTopicResult result = cluster.await(topics.delete(topic.name(), topic.id()));
        if (!(result instanceof DeleteTopicResult.Deleted)) {
            throw new AssertionError("not deleted: " + result);
        }
    }

    static PartitionId partition(TopicRecord topic, int partition) {
        return new PartitionId(topic.id(), partition);
    }

    CompletableFuture<AppendResult> append(PartitionId id, ByteBuffer batches) {
        return append(id, batches, DEADLINE);
    }

    CompletableFuture<AppendResult> append(PartitionId id, ByteBuffer batches, Duration patience) {
        long deadline = cluster.time.nanoTime() + patience.toNanos();
        return log.append(new AppendRequest(id, batches, Acknowledge.DURABLE, deadline, OptionalInt.empty()));
    }

    /** Appends one batch of these values and waits until it is durable. */
    AppendResult produce(PartitionId id, String... values) {
        return cluster.await(append(id, Batches.of(cluster.time.wallClockMs(), values)));
    }

    /** Everything that can be read of a partition, from an offset on. */
    List<Batches.Read> readAll(PartitionId id, long from) {
        var all = new ArrayList<Batches.Read>();
        long offset = from;
        while (true) {
            FetchResult.Records read = fetch(id, offset);
            long wanted = offset;
            List<Batches.Read> records = Batches.records(read.records()).stream()
                    .filter(record -> record.offset() >= wanted)
                    .toList();
            all.addAll(records);
            if (records.isEmpty()) {
                if (offset < read.highWatermark()) {
                    throw new AssertionError("no progress at " + offset + " below " + read.highWatermark());
                }
                return all;
            }
            offset = records.getLast().offset() + 1;
        }
    }

    List<String> values(PartitionId id) {
        long next = 0;
        var values = new ArrayList<String>();
        for (Batches.Read read : readAll(id, 0)) {
            if (read.offset() != next++) {
                throw new AssertionError("offset " + read.offset() + " where " + (next - 1) + " was expected");
            }
            values.add(read.value());
        }
        return values;
    }

    FetchResult.Records fetch(PartitionId id, long offset) {
        FetchResult.Part part = cluster.await(log.fetch(query(id, offset, 0, Duration.ZERO)))
                .parts()
                .getFirst();
        if (part instanceof FetchResult.Records records) {
            return records;
        }
        throw new AssertionError("not readable: " + part);
    }

    FetchQuery query(PartitionId id, long offset, int minBytes, Duration wait) {
        var part = new FetchQuery.Part(id, offset, 1 << 20, OptionalInt.empty(), OptionalInt.empty());
        return new FetchQuery(List.of(part), minBytes, 1 << 20, cluster.time.nanoTime() + wait.toNanos());
    }

    PartitionStatus status(PartitionId id) {
        return cluster.await(log.status(id));
    }

    PartitionRecord record(PartitionId id) {
        return images.image().partition(id).orElseThrow().value();
    }

    /** The stream this broker writes now. */
    StreamId stream() {
        return engine.session().wal().stream();
    }

    /** Bytes reserved in the WAL's buffer. */
    long reserved() {
        return engine.session().wal().buffer().used();
    }

    void ready(UUID topicId) {
        cluster.await(log.ready(topicId));
    }
}
