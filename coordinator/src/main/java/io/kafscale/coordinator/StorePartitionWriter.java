package io.kafscale.coordinator;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.coordinator.common.runtime.PartitionWriter;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.VerificationGuard;
import org.jspecify.annotations.Nullable;

/**
 * Where Kafka's coordinator runtime appends: finds the tenure of a shard. An append carries no epoch, so a tenure is put here by the
 * loader only, when no older state of the shard can exist in the runtime, and taken out before the runtime is told to drop the shard.
 * Thread-safe.
 */
final class StorePartitionWriter implements PartitionWriter {
    /** Bounds how many records the runtime gathers into one batch; a single larger record is still handed over. */
    private static final int BATCH_BYTES = 512 * 1024;

    private final AtomicReferenceArray<@Nullable ShardTenure> tenures;
    private final LogConfig config = new LogConfig(Map.of(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, BATCH_BYTES));
    private final IntConsumer onActive;

    /**
     * A writer without tenures.
     *
     * @param onActive told, on a thread of the runtime, that a shard has been loaded and answers from now on
     */
    StorePartitionWriter(int shards, IntConsumer onActive) {
        tenures = new AtomicReferenceArray<>(shards);
        this.onActive = onActive;
    }

    void open(int shard, ShardTenure tenure) {
        tenures.set(shard, tenure);
    }

    void shut(int shard) {
        tenures.set(shard, null);
    }

    /** The runtime calls this when, and only when, a loaded shard becomes active. */
    @Override
    public void registerListener(TopicPartition partition, Listener listener) {
        ShardTenure tenure = tenures.get(partition.partition());
        if (tenure == null) {
            throw new NotLeaderOrFollowerException(partition + " became active without a tenure");
        }
        tenure.listen(endOffset -> listener.onHighWatermarkUpdated(partition, endOffset));
        onActive.accept(partition.partition());
    }

    /** Nothing to do: a tenure ends before its shard is unloaded, and reports nothing afterwards. */
    @Override
    public void deregisterListener(TopicPartition partition, Listener listener) {}

    @Override
    public LogConfig config(TopicPartition partition) {
        return config;
    }

    @Override
    public long append(
            TopicPartition partition, VerificationGuard guard, MemoryRecords records, short transactionVersion) {
        ShardTenure tenure = tenures.get(partition.partition());
        if (tenure == null) {
            throw new NotLeaderOrFollowerException(partition + " is not owned");
        }
        return tenure.append(records);
    }

    @Override
    public CompletableFuture<VerificationGuard> maybeStartTransactionVerification(
            TopicPartition partition, String transactionalId, long producerId, short producerEpoch, int apiVersion) {
        return CompletableFuture.failedFuture(
                new TransactionalIdAuthorizationException("offsets cannot be committed in a transaction here"));
    }

    /** For share groups only, which are not served. */
    @Override
    public CompletableFuture<Void> deleteRecords(TopicPartition partition, long deleteBeforeOffset) {
        return CompletableFuture.failedFuture(new UnsupportedOperationException("share groups are not served"));
    }
}
