package io.kafscale.coordinator;

import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.Transaction;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A coordinator record as one write of one store key.
 *
 * @param key the store key
 * @param value the record's offset (8 bytes, big-endian) and its value, or null for a tombstone, which deletes the key
 * @param offset the offset the record was written at
 */
record RecordWrite(String key, @Nullable Bytes value, long offset) {
    /** What the coordinator record's value is preceded by in the store. */
    static final int OFFSET_BYTES = Long.BYTES;

    /** Copies what remains in {@code recordValue}. */
    static RecordWrite of(String key, @Nullable ByteBuffer recordValue, long offset) {
        if (recordValue == null) {
            return new RecordWrite(key, null, offset);
        }
        ByteBuffer value = ByteBuffer.allocate(OFFSET_BYTES + recordValue.remaining());
        value.putLong(offset).put(recordValue.duplicate()).flip();
        return new RecordWrite(key, Bytes.copyOf(value), offset);
    }

    Transaction.Write toStore() {
        return value == null ? new Transaction.Write.Delete(key) : new Transaction.Write.Put(key, value, 0);
    }

    /** Bytes it takes in a transaction. */
    int sizeInBytes() {
        return key.length() + (value == null ? 0 : value.size());
    }
}
