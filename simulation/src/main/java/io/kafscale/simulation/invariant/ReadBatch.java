package io.kafscale.simulation.invariant;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.RecordBatchView;
import io.kafscale.format.RecordBatches;
import io.kafscale.metastore.cluster.PartitionId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * A batch as somebody found it, with what its first record says of where it was sent from and where to. Immutable.
 *
 * @param fingerprint of all its bytes
 */
public record ReadBatch(
        PartitionId partition,
        long baseOffset,
        long lastOffset,
        int leaderEpoch,
        int producer,
        long firstNumber,
        long maxTimestampMs,
        int sizeInBytes,
        long fingerprint) {
    /** Timestamp delta, offset delta, length of the key that is not there, length of the value. */
    private static final int VARINTS_BEFORE_VALUE = 4;

    /**
     * Takes bytes apart that should be whole batches.
     *
     * @param where they were found, for the message
     * @throws CorruptObjectException if they are not, or are not what their checksum says
     */
    public static List<ReadBatch> all(List<ByteBuffer> slices, String where) {
        var found = new ArrayList<ReadBatch>();
        for (ByteBuffer slice : slices) {
            for (RecordBatchView batch : RecordBatches.of(slice, where)) {
                found.add(of(batch, where));
            }
        }
        return found;
    }

    /** Takes one batch apart. */
    public static ReadBatch of(RecordBatchView batch, String where) {
        if (!batch.crcMatches()) {
            throw new CorruptObjectException("record batch does not match its checksum", where, batch.position());
        }
        ByteBuffer bytes = batch.slice();
        var crc = new CRC32C();
        crc.update(bytes.duplicate());
        var label = new RecordLabel(valueOfFirstRecord(bytes));
        return new ReadBatch(
                label.partition(),
                batch.baseOffset(),
                batch.lastOffset(),
                batch.partitionLeaderEpoch(),
                label.producer(),
                label.number(),
                batch.maxTimestamp(),
                batch.sizeInBytes(),
                (long) batch.sizeInBytes() << 32 | crc.getValue());
    }

    /** The record starts with its length and its attributes. */
    private static ByteBuffer valueOfFirstRecord(ByteBuffer batch) {
        int position = RecordBatchView.HEADER_BYTES;
        position = afterVarint(batch, position) + 1;
        for (int field = 0; field < VARINTS_BEFORE_VALUE; field++) {
            position = afterVarint(batch, position);
        }
        return batch.slice(position, RecordLabel.BYTES);
    }

    private static int afterVarint(ByteBuffer batch, int position) {
        int next = position;
        while (batch.get(next) < 0) {
            next++;
        }
        return next + 1;
    }

    /** How many records it has. */
    public int count() {
        return (int) (lastOffset - baseOffset) + 1;
    }

    @Override
    public String toString() {
        return "offsets " + baseOffset + ".." + lastOffset + " of epoch " + leaderEpoch + " (records " + firstNumber
                + ".." + (firstNumber + count() - 1) + " of producer " + producer + ")";
    }

    /** What every record's value starts with: where it was sent to, by whom, and its number there. */
    public record RecordLabel(PartitionId partition, int producer, long number) {
        /** How long it is. */
        public static final int BYTES = 32;

        RecordLabel(ByteBuffer value) {
            this(
                    new PartitionId(new UUID(value.getLong(0), value.getLong(8)), value.getInt(16)),
                    value.getInt(20),
                    value.getLong(24));
        }

        /** A value of this length that starts with the label. */
        public byte[] value(int length) {
            var value = ByteBuffer.allocate(Math.max(length, BYTES));
            value.putLong(partition.topicId().getMostSignificantBits())
                    .putLong(partition.topicId().getLeastSignificantBits())
                    .putInt(partition.partition())
                    .putInt(producer)
                    .putLong(number);
            return value.array();
        }
    }
}
