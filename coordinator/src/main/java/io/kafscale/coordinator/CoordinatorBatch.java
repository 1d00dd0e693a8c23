package io.kafscale.coordinator;

import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.UnsupportedForMessageFormatException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;

/**
 * What Kafka's runtime wants written together, as store writes: it is stored whole or not at all. Not changed once built.
 *
 * @param baseOffset the offset of its first record
 * @param endOffset the offset after its last record
 */
record CoordinatorBatch(MergedWrites writes, long baseOffset, long endOffset) {
    /**
     * Copies a batch out of the runtime's buffer.
     *
     * @throws RecordTooLargeException if it can never be stored: see {@link StoreLimits}
     */
    static CoordinatorBatch of(MemoryRecords records, ShardKeys keys, long baseOffset) {
        var writes = new MergedWrites();
        long offset = baseOffset;
        for (var batch : records.batches()) {
            if (batch.isControlBatch()) {
                throw new UnsupportedForMessageFormatException("group offsets are not part of transactions here");
            }
            for (Record record : batch) {
                writes.add(RecordWrite.of(
                        keys.record(record.key().duplicate()), record.hasValue() ? record.value() : null, offset++));
            }
        }
        if (!writes.within(StoreLimits::transaction) && !writes.within(StoreLimits::writeAhead)) {
            throw new RecordTooLargeException("a coordinator batch of " + writes.size() + " records and "
                    + writes.sizeInBytes() + " bytes is beyond what the metadata store takes at once");
        }
        return new CoordinatorBatch(writes, baseOffset, offset);
    }

    long sizeInBytes() {
        return writes.sizeInBytes();
    }
}
