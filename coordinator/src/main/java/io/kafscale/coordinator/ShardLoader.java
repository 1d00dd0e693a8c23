package io.kafscale.coordinator;

import io.kafscale.coordinator.ShardLoad.LoadedTopic;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.RangeResult;
import io.kafscale.runtime.ByteBudget;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.NotCoordinatorException;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.coordinator.common.runtime.CoordinatorLoader;
import org.apache.kafka.coordinator.common.runtime.CoordinatorPlayback;
import org.apache.kafka.coordinator.common.runtime.CoordinatorRecord;
import org.apache.kafka.coordinator.common.runtime.Deserializer;
import org.apache.kafka.coordinator.group.GroupCoordinatorRecordSerde;
import org.apache.kafka.coordinator.group.generated.OffsetCommitKey;
import org.apache.kafka.coordinator.group.generated.OffsetCommitValue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads a shard for Kafka's runtime: reads its keys at one revision, replays them in the order they were written and opens the
 * tenure that continues behind them. A store that cannot be reached is asked again until the load is given up; the load fails only
 * when its stored state cannot be understood. That another owner took the shard meanwhile shows at the first write. Each load runs on a virtual thread of its own, a few at
 * a time. Thread-safe.
 */
final class ShardLoader implements CoordinatorLoader<CoordinatorRecord> {
    private static final Logger log = LoggerFactory.getLogger(ShardLoader.class);

    /** Bounds the memory of loading: whole shards are held while they are replayed. */
    private static final int CONCURRENT_LOADS = 4;

    private final StoreAccess access;
    private final Time time;
    private final ByteBudget budget;
    private final StorePartitionWriter writer;
    private final ShardTenure.LossListener onLost;
    private final AtomicReferenceArray<@Nullable ShardLoad> expected;
    private final Semaphore turns = new Semaphore(CONCURRENT_LOADS, true);
    private final GroupCoordinatorRecordSerde serde = new GroupCoordinatorRecordSerde();

    /**
     * A loader.
     *
     * @param budget what waiting writes of the tenures are charged to
     */
    ShardLoader(
            int shards,
            StoreAccess access,
            Time time,
            ByteBudget budget,
            StorePartitionWriter writer,
            ShardTenure.LossListener onLost) {
        this.access = access;
        this.time = time;
        this.budget = budget;
        this.writer = writer;
        this.onLost = onLost;
        expected = new AtomicReferenceArray<>(shards);
    }

    /** Announces the load that the runtime is about to ask for. */
    void expect(ShardLoad load) {
        expected.set(load.ownership().shard(), load);
    }

    @Override
    public CompletableFuture<LoadSummary> load(
            TopicPartition partition, CoordinatorPlayback<CoordinatorRecord> playback) {
        ShardLoad load = expected.getAndSet(partition.partition(), null);
        if (load == null) {
            return CompletableFuture.failedFuture(new NotCoordinatorException(partition + " was not to be loaded"));
        }
        var summary = new CompletableFuture<LoadSummary>();
        long askedMs = time.milliseconds();
        Thread.ofVirtual()
                .name("group-shard-load-" + partition.partition())
                .start(() -> run(load, playback, askedMs, summary));
        return summary;
    }

    private void run(
            ShardLoad load,
            CoordinatorPlayback<CoordinatorRecord> playback,
            long askedMs,
            CompletableFuture<LoadSummary> summary) {
        try {
            turns.acquire();
            try {
                summary.complete(loadNow(load, playback, askedMs));
            } finally {
                turns.release();
            }
        } catch (Throwable failure) {
            load.fail(failure);
            // What the runtime logs with a stack trace is not of interest when we gave up ourselves.
            summary.completeExceptionally(
                    failure instanceof ShardLostException
                            ? new NotCoordinatorException(failure.getMessage())
                            : failure);
        }
    }

    private LoadSummary loadNow(ShardLoad load, CoordinatorPlayback<CoordinatorRecord> playback, long askedMs)
            throws Exception {
        long startMs = time.milliseconds();
        Ownership ownership = load.ownership();
        ShardSnapshot shard = ShardSnapshot.of(ownership.keys(), read(load));
        Map<Uuid, LoadedTopic> topics = new HashMap<>();
        long bytes = 0;
        for (ShardSnapshot.StoredRecord stored : shard.records()) {
            replay(stored, playback, topics);
            bytes += stored.key().remaining() + stored.value().remaining();
        }
        if (shard.endOffset() > 0) {
            playback.updateLastWrittenOffset(shard.endOffset());
            playback.updateLastCommittedOffset(shard.endOffset());
        }
        var tenure = new ShardTenure(ownership, shard, access, budget, onLost);
        if (!load.succeed(new ShardLoad.End.Loaded(tenure, topics))) {
            throw new ShardLostException(ownership.shard(), "given up while it was loaded");
        }
        writer.open(ownership.shard(), tenure);
        return new LoadSummary(
                askedMs, time.milliseconds(), startMs - askedMs, shard.records().size(), bytes);
    }

    private RangeResult read(ShardLoad load) throws Exception {
        for (int attempt = 0; ; attempt++) {
            CompletableFuture<RangeResult> range =
                    access.store().range(load.ownership().keys().prefix());
            try {
                CompletableFuture.anyOf(range, load.abandonment()).get();
            } catch (ExecutionException failed) {
                MetadataException failure = StoreAccess.asMetadataException(failed.getCause());
                if (failure != null && !StoreAccess.passing(failure)) {
                    throw failure;
                }
                if (StoreAccess.worthALine(attempt + 1)) {
                    log.warn(
                            "reading group shard {} failed {} times, will retry: {}",
                            load.ownership().shard(),
                            attempt + 1,
                            failed.getMessage());
                }
            }
            if (load.end() != null) {
                throw new ShardLostException(load.ownership().shard(), "given up while it was loaded");
            }
            // From our ownership on, whoever owned the shard before cannot write it: an older listing would miss what
            // it wrote last.
            if (range.isDone()
                    && !range.isCompletedExceptionally()
                    && range.join().revision() >= load.ownership().revision()) {
                return range.join();
            }
            pause(load, attempt);
        }
    }

    private void pause(ShardLoad load, int attempt) throws Exception {
        var wait = new CompletableFuture<Void>();
        access.loop().execute(() -> access.retry(attempt, () -> wait.complete(null)));
        CompletableFuture.anyOf(wait, load.abandonment()).get();
    }

    private void replay(
            ShardSnapshot.StoredRecord stored,
            CoordinatorPlayback<CoordinatorRecord> playback,
            Map<Uuid, LoadedTopic> topics) {
        CoordinatorRecord record;
        try {
            record = serde.deserialize(stored.key().duplicate(), stored.value().duplicate());
        } catch (Deserializer.UnknownRecordTypeException newer) {
            log.warn("skipped a coordinator record of type {}, which a newer version wrote", newer.unknownType());
            return;
        }
        playback.replay(stored.offset(), RecordBatch.NO_PRODUCER_ID, RecordBatch.NO_PRODUCER_EPOCH, record);
        if (record.key() instanceof OffsetCommitKey key
                && record.value() != null
                && record.value().message() instanceof OffsetCommitValue value
                && !value.topicId().equals(Uuid.ZERO_UUID)) {
            topics.merge(
                    value.topicId(),
                    new LoadedTopic(key.topic(), stored.modRevision()),
                    (a, b) -> a.revision() <= b.revision() ? a : b);
        }
    }

    /** Loads under way are given up by the seats of their shards. */
    @Override
    public void close() {}
}
