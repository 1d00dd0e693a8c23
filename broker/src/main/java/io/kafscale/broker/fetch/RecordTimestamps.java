package io.kafscale.broker.fetch;

import io.kafscale.log.read.RecordTimestampFinder;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.common.utils.CloseableIterator;

/**
 * Looks into a record batch for the record of a time, with Kafka's own decoders. Thread-safe.
 *
 * @param executor where batches are decompressed, so that the log loop is not kept busy by it
 */
public record RecordTimestamps(Executor executor) implements RecordTimestampFinder {
    @Override
    public CompletableFuture<Optional<Found>> firstAtOrAfter(ByteBuffer batch, long timestampMs, long minOffset) {
        ByteBuffer own = batch.slice();
        return CompletableFuture.supplyAsync(() -> find(own, timestampMs, minOffset), executor);
    }

    private static Optional<Found> find(ByteBuffer bytes, long timestampMs, long minOffset) {
        for (MutableRecordBatch batch : MemoryRecords.readableRecords(bytes).batches()) {
            try (CloseableIterator<Record> records = batch.streamingIterator(BufferSupplier.NO_CACHING)) {
                while (records.hasNext()) {
                    Record record = records.next();
                    if (record.timestamp() >= timestampMs && record.offset() >= minOffset) {
                        return Optional.of(new Found(record.offset(), record.timestamp()));
                    }
                }
            }
        }
        return Optional.empty();
    }
}
