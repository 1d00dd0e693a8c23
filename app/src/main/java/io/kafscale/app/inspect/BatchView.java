package io.kafscale.app.inspect;

import io.kafscale.format.RecordBatchView;
import org.apache.kafka.common.record.internal.CompressionType;

/**
 * A record batch as it is printed. Immutable.
 *
 * @param position where it starts in the object
 * @param maxTimestampMs milliseconds since the epoch; -1 if its records have no timestamps
 * @param producerId -1 if no idempotent producer sent it
 * @param crcMatches whether the bytes match the batch's own checksum
 */
record BatchView(
        int position,
        int bytes,
        long baseOffset,
        long lastOffset,
        int records,
        int leaderEpoch,
        String compression,
        long maxTimestampMs,
        long producerId,
        short producerEpoch,
        int baseSequence,
        boolean crcMatches) {
    static BatchView of(RecordBatchView batch, int position) {
        return new BatchView(
                position,
                batch.sizeInBytes(),
                batch.baseOffset(),
                batch.lastOffset(),
                batch.recordCount(),
                batch.partitionLeaderEpoch(),
                codec(batch.compression()),
                batch.maxTimestamp(),
                batch.producerId(),
                batch.producerEpoch(),
                batch.baseSequence(),
                batch.crcMatches());
    }

    private static String codec(int id) {
        for (CompressionType type : CompressionType.values()) {
            if (type.id == id) {
                return type.name;
            }
        }
        return "codec " + id;
    }
}
