package io.kafscale.simulation.broker;

import io.kafscale.format.RecordBatchView;
import io.kafscale.log.read.RecordTimestampFinder;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Finds records by time in batches that are not compressed, as all are here: production uses Kafka's own code. Stateless. */
final class UncompressedRecords implements RecordTimestampFinder {
    @Override
    public CompletableFuture<Optional<Found>> firstAtOrAfter(ByteBuffer batch, long timestampMs, long minOffset) {
        var view = RecordBatchView.at(batch, batch.position(), "batch");
        var cursor = batch.duplicate().position(batch.position() + RecordBatchView.HEADER_BYTES);
        for (int i = 0; i < view.recordCount(); i++) {
            int length = (int) varlong(cursor);
            int end = cursor.position() + length;
            cursor.get();
            long recordMs = view.baseTimestamp() + varlong(cursor);
            long offset = view.baseOffset() + varlong(cursor);
            if (recordMs >= timestampMs && offset >= minOffset) {
                return CompletableFuture.completedFuture(Optional.of(new Found(offset, recordMs)));
            }
            cursor.position(end);
        }
        return CompletableFuture.completedFuture(Optional.empty());
    }

    private static long varlong(ByteBuffer bytes) {
        long raw = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = bytes.get();
            raw |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return (raw >>> 1) ^ -(raw & 1);
            }
        }
    }
}
