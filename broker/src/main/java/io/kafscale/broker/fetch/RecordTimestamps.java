package io.kafscale.broker.fetch;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.common.utils.CloseableIterator;

/** Looks into record batches for the record of a time, which takes decompression. Stateless, any thread. */
public final class RecordTimestamps {
    /** A record: its offset, and its timestamp in milliseconds. */
    public record Found(long offset, long timestampMs) {}

    private RecordTimestamps() {}

    /**
     * The first record at or after {@code fromOffset} whose timestamp is at least {@code timestampMs}.
     *
     * @param batches whole record batches; only read
     */
    public static Optional<Found> firstAtOrAfter(ByteBuffer batches, long timestampMs, long fromOffset) {
        for (MutableRecordBatch batch :
                MemoryRecords.readableRecords(batches.slice()).batches()) {
            if (batch.maxTimestamp() < timestampMs || batch.lastOffset() < fromOffset) {
                continue;
            }
            try (CloseableIterator<Record> records = batch.streamingIterator(BufferSupplier.NO_CACHING)) {
                while (records.hasNext()) {
                    Record record = records.next();
                    if (record.timestamp() >= timestampMs && record.offset() >= fromOffset) {
                        return Optional.of(new Found(record.offset(), record.timestamp()));
                    }
                }
            }
        }
        return Optional.empty();
    }
}
