package io.kafscale.coordinator;

import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.RangeResult;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A shard as it stood at one revision of the store.
 *
 * @param endRevision the mod revision of the end key, 0 if there is none
 * @param endOffset the offset the next record gets
 * @param records what the coordinator has to replay, in the order it was written: a batch that was not spread yet is in it
 * @param leftovers write-ahead values still to be spread, oldest first
 */
record ShardSnapshot(long endRevision, long endOffset, List<StoredRecord> records, List<WriteAhead> leftovers) {

    /**
     * A coordinator record.
     *
     * @param key the record's key; read-only, like {@code value}
     * @param value the record's value
     * @param modRevision when it was written
     */
    record StoredRecord(long offset, ByteBuffer key, ByteBuffer value, long modRevision) {}

    /** Reads the keys of a shard; throws {@link IllegalArgumentException} or Kafka's corruption errors if one is damaged. */
    static ShardSnapshot of(ShardKeys keys, RangeResult range) {
        long endRevision = 0;
        long endOffset = 0;
        Map<String, StoredRecord> records = new HashMap<>();
        List<WriteAhead> leftovers = new ArrayList<>();
        List<KeyValue> writeAheads = new ArrayList<>();
        for (KeyValue stored : range.keys()) {
            if (stored.key().startsWith(keys.recordPrefix())) {
                records.put(
                        stored.key(), record(keys, stored.key(), stored.value().asBuffer(), stored.modRevision()));
            } else if (stored.key().startsWith(keys.writeAheadPrefix())) {
                writeAheads.add(stored);
            } else if (stored.key().equals(keys.end())) {
                endRevision = stored.modRevision();
                endOffset = EndMark.decode(stored.value()).offset();
            }
        }
        for (KeyValue stored : writeAheads) {
            WriteAhead batch = WriteAhead.decode(keys, stored.key(), stored.value());
            leftovers.add(batch);
            overlay(keys, records, batch, stored.modRevision());
        }
        List<StoredRecord> sorted = new ArrayList<>(records.values());
        sorted.sort(Comparator.comparingLong(StoredRecord::offset));
        return new ShardSnapshot(endRevision, endOffset, sorted, leftovers);
    }

    /** A write-ahead value is newer than every record key: nothing else is written until it is spread. */
    private static void overlay(ShardKeys keys, Map<String, StoredRecord> records, WriteAhead batch, long modRevision) {
        for (RecordWrite write : batch.writes().all()) {
            if (write.value() == null) {
                records.remove(write.key());
            } else {
                records.put(write.key(), record(keys, write.key(), write.value().asBuffer(), modRevision));
            }
        }
    }

    private static StoredRecord record(ShardKeys keys, String key, ByteBuffer value, long modRevision) {
        if (value.remaining() < RecordWrite.OFFSET_BYTES) {
            throw new IllegalArgumentException(key + " holds " + value.remaining() + " bytes, too few for an offset");
        }
        return new StoredRecord(
                value.getLong(), ByteBuffer.wrap(keys.recordKey(key)).asReadOnlyBuffer(), value.slice(), modRevision);
    }
}
