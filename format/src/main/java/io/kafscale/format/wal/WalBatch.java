package io.kafscale.format.wal;

import io.kafscale.format.ProducerEntry.BatchEntry;
import io.kafscale.format.ProducerStateBuilder;
import io.kafscale.format.RecordBatchView;
import io.kafscale.format.Sequences;

/**
 * What a footer says of one record batch: enough to serve it, to find times in it and to rebuild producer state without
 * reading it. Immutable; any thread.
 *
 * @param position where the batch starts in the object
 * @param length bytes of the batch
 * @param baseOffset offset of the first record
 * @param lastOffset offset of the last record
 * @param maxTimestampMs greatest timestamp of a record, in milliseconds; -1 if there is none
 * @param producerId id of the idempotent producer, or -1
 * @param producerEpoch epoch of the idempotent producer, or -1
 * @param baseSequence sequence of the first record, or -1
 * @param recordCount number of records
 */
public record WalBatch(
        int position,
        int length,
        long baseOffset,
        long lastOffset,
        long maxTimestampMs,
        long producerId,
        short producerEpoch,
        int baseSequence,
        int recordCount) {

    /** What the footer says of a batch that starts at a position in the object. */
    static WalBatch of(RecordBatchView batch, int position) {
        return new WalBatch(
                position,
                batch.sizeInBytes(),
                batch.baseOffset(),
                batch.lastOffset(),
                batch.maxTimestamp(),
                batch.producerId(),
                batch.producerEpoch(),
                batch.baseSequence(),
                batch.recordCount());
    }

    /** The same batch in an object where its chunk starts elsewhere. */
    WalBatch movedBy(int distance) {
        return new WalBatch(
                position + distance,
                length,
                baseOffset,
                lastOffset,
                maxTimestampMs,
                producerId,
                producerEpoch,
                baseSequence,
                recordCount);
    }

    /** Position just behind the batch in the object. */
    public int end() {
        return position + length;
    }

    /** Whether an idempotent producer sent the batch. */
    public boolean hasProducerId() {
        return producerId > RecordBatchView.NO_PRODUCER_ID;
    }

    /** Sequence of the last record, or -1. */
    public int lastSequence() {
        return baseSequence < 0
                ? RecordBatchView.NO_SEQUENCE
                : Sequences.add(baseSequence, (int) (lastOffset - baseOffset));
    }

    /** Takes the batch into account in the state of its partition's producers, if an idempotent one sent it. */
    public void replayInto(ProducerStateBuilder producers) {
        if (hasProducerId() && baseSequence >= 0) {
            producers.append(
                    producerId,
                    producerEpoch,
                    new BatchEntry(baseSequence, lastSequence(), baseOffset, maxTimestampMs));
        }
    }
}
