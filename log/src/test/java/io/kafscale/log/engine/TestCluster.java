package io.kafscale.log.engine;

import io.kafscale.format.ObjectLayout;
import io.kafscale.format.StreamId;
import io.kafscale.log.LogException;
import io.kafscale.log.LogSettings;
import io.kafscale.log.fixture.RecordingStore;
import io.kafscale.log.wal.SealedStream;
import io.kafscale.log.wal.StreamSealer;
import io.kafscale.log.wal.WalSettings;
import io.kafscale.log.wal.WalStore;
import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.Transaction;
import io.kafscale.metastore.cluster.LeadershipPlan;
import io.kafscale.metastore.cluster.MetadataAccess;
import io.kafscale.metastore.cluster.MetadataKeys;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.embedded.EmbeddedMetadataStore;
import io.kafscale.objectstore.StorageException.Kind;
import io.kafscale.runtime.EventLoop;
import io.kafscale.runtime.simulated.SimulatedTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;

/** What outlives a broker: an object store, a metadata store and time. */
final class TestCluster {
    static final long START_MS = 1_700_000_000_000L;
    private static final Duration PATIENCE = Duration.ofMinutes(20);
    private static final int MOST_STEPS = 5_000_000;

    final SimulatedTime time = new SimulatedTime(START_MS);
    final RecordingStore objects = new RecordingStore(time);
    final ObjectLayout layout = new ObjectLayout("test");
    final MetadataKeys keys = new MetadataKeys("test");
    private final RandomGenerator random;
    EmbeddedMetadataStore metadata = EmbeddedMetadataStore.inMemory(time.newLoop("metadata"));
    LogSettings settings = LogSettings.defaults();

    TestCluster() {
        this(42);
    }

    TestCluster(long seed) {
        random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }

    /** A broker that has not started. */
    TestBroker broker(int id) {
        return new TestBroker(this, id, random);
    }

    /** A broker that has not started, at an address of its own. */
    TestBroker broker(BrokerEndpoint endpoint) {
        return new TestBroker(this, endpoint, random);
    }

    /** A broker that has started. */
    TestBroker started() {
        TestBroker broker = broker(1);
        await(broker.start());
        return broker;
    }

    /** Brokers 1 to {@code count}, started one after the other, that serve. */
    List<TestBroker> serving(int count) {
        var brokers = new ArrayList<TestBroker>();
        for (int id = 1; id <= count; id++) {
            brokers.add(servingBroker(id));
        }
        return brokers;
    }

    /** A broker that has started and serves. */
    TestBroker servingBroker(int id) {
        TestBroker broker = broker(id);
        await(broker.start());
        broker.serve();
        return broker;
    }

    /** The broker among these that the plan of the first one's image gives a partition. */
    static TestBroker planned(List<TestBroker> brokers, PartitionId id) {
        var alive = brokers.stream().filter(TestBroker::isAlive).toList();
        int planned = LeadershipPlan.of(alive.getFirst().images.image())
                .leaderOf(id)
                .orElseThrow()
                .brokerId();
        return alive.stream().filter(broker -> broker.id == planned).findFirst().orElseThrow();
    }

    /** Runs until something is so, in steps of 10 ms; returns how long that took. */
    Duration until(BooleanSupplier condition) {
        long start = time.nanoTime();
        while (!condition.getAsBoolean()) {
            if (time.nanoTime() - start > PATIENCE.toNanos()) {
                throw new AssertionError("not so after " + PATIENCE + " of simulated time");
            }
            time.advance(Duration.ofMillis(10));
        }
        return Duration.ofNanos(time.nanoTime() - start);
    }

    /** The registration of a crashed broker is removed before its lease ends, as on good evidence. */
    void removeRegistration(int id) {
        deleteMetadata(keys.broker(id));
    }

    /** Access to the metadata beside any broker. */
    MetadataAccess access() {
        return new MetadataAccess(metadata, keys, time.newLoop("bystander"), random);
    }

    /** The metadata is lost, as when somebody points a broker at an empty store. */
    void loseMetadata() {
        metadata = EmbeddedMetadataStore.inMemory(time.newLoop("metadata"));
    }

    /** Writes a value beside every broker, and returns what was there. */
    byte[] replaceMetadata(String key, byte[] value) {
        KeyValue before = await(metadata.get(key)).orElseThrow();
        await(metadata.commit(Transaction.builder()
                .requireUnchanged(before)
                .put(key, Bytes.copyOf(value))
                .build()));
        return before.value().toArray();
    }

    /** Deletes a key beside every broker. */
    void deleteMetadata(String key) {
        KeyValue before = await(metadata.get(key)).orElseThrow();
        await(metadata.commit(
                Transaction.builder().requireUnchanged(before).delete(key).build()));
    }

    /** How often the metadata has been written. */
    long revision() {
        return await(metadata.range(keys.imagePrefix())).revision();
    }

    /** Settings under which the WAL buffer holds this much. */
    void bufferBytes(long bytes) {
        settings = new LogSettings(
                settings.flushRatePerSecond(),
                (int) Math.min(settings.flushBytes(), bytes),
                bytes,
                settings.tailCacheBytes(),
                settings.blockCacheBytes(),
                settings.segmentBytes(),
                settings.segmentAge(),
                settings.collectGrace(),
                settings.retentionCheckInterval());
    }

    void flushRate(double perSecond) {
        settings = new LogSettings(
                perSecond,
                settings.flushBytes(),
                settings.walBufferBytes(),
                settings.tailCacheBytes(),
                settings.blockCacheBytes(),
                settings.segmentBytes(),
                settings.segmentAge(),
                settings.collectGrace(),
                settings.retentionCheckInterval());
    }

    /** Somebody who takes the broker for dead seals its stream. */
    SealedStream sealAsAnother(StreamId stream) {
        EventLoop loop = time.newLoop("another broker");
        var wal = new WalStore(objects, layout, loop, random);
        var sealer = new StreamSealer(wal, WalSettings.of(settings), new StreamId(99, 1));
        var sealed = new CompletableFuture<SealedStream>();
        loop.execute(() -> sealer.seal(stream).whenComplete((result, failure) -> {
            if (failure == null) {
                sealed.complete(result);
            } else {
                sealed.completeExceptionally(failure);
            }
        }));
        return await(sealed);
    }

    /** The store answers nothing but failures. */
    void storeDown() {
        objects.fail(request -> Optional.of(Kind.UNAVAILABLE));
    }

    /** Requests of one operation on keys that contain this fail. */
    void storeFails(String operation, String part) {
        objects.fail(request ->
                request.operation().equals(operation) && request.key().contains(part)
                        ? Optional.of(Kind.UNAVAILABLE)
                        : Optional.empty());
    }

    /** Past the time to live of a crashed broker's registration. */
    void outliveLeases() {
        time.advance(IncarnationStart.REGISTRATION_TTL.plusSeconds(1));
    }

    /** Runs something on a broker's loop. */
    void onLoop(TestBroker broker, Runnable task) {
        var done = new CompletableFuture<@Nullable Void>();
        broker.loop.execute(() -> {
            task.run();
            done.complete(null);
        });
        runUntilDone(done);
    }

    /** What something on a broker's loop returns. */
    <T> T onLoopGet(TestBroker broker, Supplier<T> question) {
        var answer = new CompletableFuture<T>();
        broker.loop.execute(() -> answer.complete(question.get()));
        return await(answer);
    }

    void advance(Duration duration) {
        time.advance(duration);
    }

    /** Lets what is under way end, without reaching any deadline of a request. */
    void settle() {
        time.advance(Duration.ofSeconds(2));
    }

    /** Runs until the future is done; a failure is thrown as the cause of an {@link AssertionError}. */
    <T> T await(CompletableFuture<T> future) {
        runUntilDone(future);
        return switch (future.state()) {
            case SUCCESS -> future.resultNow();
            case FAILED -> throw new AssertionError("the future failed", future.exceptionNow());
            case CANCELLED, RUNNING -> throw new AssertionError("state " + future.state());
        };
    }

    /** Runs until the future has failed, and returns with what. */
    Throwable failure(CompletableFuture<?> future) {
        runUntilDone(future);
        if (future.isCompletedExceptionally()) {
            return future.exceptionNow();
        }
        throw new AssertionError("the future did not fail but has " + future.resultNow());
    }

    /** The kind a future failed with. */
    LogException.Kind kind(CompletableFuture<?> future) {
        Throwable failure = failure(future);
        if (failure instanceof LogException known) {
            return known.kind();
        }
        throw new AssertionError("not a log exception", failure);
    }

    private void runUntilDone(CompletableFuture<?> future) {
        long end = time.nanoTime() + PATIENCE.toNanos();
        for (int steps = 0; !future.isDone(); steps++) {
            if (time.nanoTime() > end || steps > MOST_STEPS || !time.step()) {
                throw new AssertionError("the future is not done after " + PATIENCE + " of simulated time");
            }
        }
    }
}
