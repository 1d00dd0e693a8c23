package io.kafscale.coordinator;

import io.kafscale.metastore.Bytes;
import java.nio.ByteBuffer;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;

/**
 * A batch that is too large for one transaction, stored as one value until its records are spread over their own keys: a Kafka record
 * batch (format v2, uncompressed, with its CRC) of the coordinator records at their offsets, tombstones included. Not changed once
 * built.
 *
 * @param key the store key of the value
 */
record WriteAhead(String key, MergedWrites writes) {
    /** The value that holds these writes. */
    Bytes encode(ShardKeys keys) {
        var builder = MemoryRecords.builder(
                ByteBuffer.allocate(Math.toIntExact(StoreLimits.writeAheadBytes(writes.size(), writes.sizeInBytes()))),
                Compression.NONE,
                TimestampType.CREATE_TIME,
                writes.all().iterator().next().offset());
        for (RecordWrite write : writes.all()) {
            ByteBuffer value = write.value() == null
                    ? null
                    : write.value()
                            .asBuffer()
                            .position(RecordWrite.OFFSET_BYTES)
                            .slice();
            builder.appendWithOffset(
                    write.offset(), RecordBatch.NO_TIMESTAMP, ByteBuffer.wrap(keys.recordKey(write.key())), value);
        }
        return Bytes.copyOf(builder.build().buffer());
    }

    /** Reads a stored value back; throws a {@link RuntimeException} that says so if it is damaged. */
    static WriteAhead decode(ShardKeys keys, String key, Bytes value) {
        var writes = new MergedWrites();
        for (MutableRecordBatch batch :
                MemoryRecords.readableRecords(ByteBuffer.wrap(value.toArray())).batches()) {
            batch.ensureValid();
            for (Record record : batch) {
                writes.add(RecordWrite.of(
                        keys.record(record.key()), record.hasValue() ? record.value() : null, record.offset()));
            }
        }
        if (writes.size() == 0) {
            throw new IllegalArgumentException(key + " holds no whole record batch");
        }
        return new WriteAhead(key, writes);
    }
}
