package io.kafscale.broker.produce;

import io.kafscale.broker.request.BrokerSettings.Validation;
import java.nio.ByteBuffer;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.common.utils.PrimitiveRef;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.storage.internals.log.AppendOrigin;
import org.apache.kafka.storage.internals.log.LogValidator;
import org.apache.kafka.storage.internals.log.LogValidator.MetricsRecorder;
import org.apache.kafka.storage.internals.log.RecordValidationException;

/**
 * Checks produced batches as Kafka does, with its own {@link LogValidator}, in place: batches are never recompressed, and what
 * changes of them is at most the timestamp type with the checksum. Thread-safe; decompression buffers belong to the calling thread.
 */
final class RecordValidation {
    private static final ThreadLocal<BufferSupplier> BUFFERS = ThreadLocal.withInitial(BufferSupplier::create);

    private final Validation level;
    private final Time time;
    private final MetricsRecorder rejections = new NoMetrics();

    RecordValidation(Validation level, Time time) {
        this.level = level;
        this.time = time;
    }

    /**
     * Checks what a client wants to append to one partition.
     *
     * @param records written in place
     * @return the batches, in the same memory
     * @throws ApiException if they are refused, with Kafka's own exception
     * @throws RecordValidationException if single records are refused
     */
    ByteBuffer validate(TopicPartition partition, MemoryRecords records, RecordRules rules, short version) {
        try {
            ProduceRequest.validateRecords(version, records);
            MemoryRecords whole = withoutTrailingBytes(records);
            MutableRecordBatch batch = whole.batches().iterator().next();
            checkEnvelope(partition, batch, rules);
            if (level == Validation.FULL || rules.compacted()) {
                return validateRecords(partition, whole, batch, rules);
            }
            checkHeader(partition, batch, rules);
            return whole.buffer();
        } catch (ApiException | RecordValidationException refused) {
            throw refused;
        } catch (KafkaException
                | IllegalArgumentException
                | UnsupportedOperationException
                | IllegalStateException
                | IndexOutOfBoundsException
                | java.nio.BufferUnderflowException unreadable) {
            // The validator meets damaged bytes with whatever the decoder that stumbled throws.
            throw new InvalidRecordException(
                    "The record batch for partition " + partition + " cannot be read: " + unreadable.getMessage(),
                    unreadable);
        }
    }

    private static MemoryRecords withoutTrailingBytes(MemoryRecords records) {
        int valid = records.validBytes();
        if (valid == records.sizeInBytes()) {
            return records;
        }
        ByteBuffer buffer = records.buffer();
        buffer.limit(buffer.position() + valid);
        return MemoryRecords.readableRecords(buffer.slice());
    }

    private static void checkEnvelope(TopicPartition partition, MutableRecordBatch batch, RecordRules rules) {
        if (batch.baseOffset() != 0) {
            throw new InvalidRecordException("The baseOffset of the record batch in the append to " + partition
                    + " should be 0, but it is " + batch.baseOffset());
        }
        if (batch.sizeInBytes() > rules.maxBatchBytes()) {
            throw new RecordTooLargeException("The record batch size in the append to " + partition + " is "
                    + batch.sizeInBytes() + " bytes which exceeds the maximum configured value of "
                    + rules.maxBatchBytes() + ".");
        }
        if (!batch.isValid()) {
            throw new CorruptRecordException(
                    "Record is corrupt (stored crc = " + batch.checksum() + ") in topic partition " + partition + ".");
        }
    }

    private ByteBuffer validateRecords(
            TopicPartition partition, MemoryRecords records, MutableRecordBatch batch, RecordRules rules) {
        CompressionType codec = batch.compressionType();
        var validator = new LogValidator(
                records,
                partition,
                time,
                codec,
                Compression.of(codec).build(),
                rules.compacted(),
                RecordBatch.MAGIC_VALUE_V2,
                rules.timestampType(),
                rules.beforeMaxMs(),
                rules.afterMaxMs(),
                RecordBatch.NO_PARTITION_LEADER_EPOCH,
                AppendOrigin.CLIENT);
        return validator
                .validateMessagesAndAssignOffsets(PrimitiveRef.ofLong(0), rejections, BUFFERS.get())
                .validatedRecords()
                .buffer();
    }

    /** What the header alone tells; the checksum has been compared. */
    private void checkHeader(TopicPartition partition, MutableRecordBatch batch, RecordRules rules) {
        Integer count = batch.countOrNull();
        if (count == null || count <= 0 || batch.lastOffset() - batch.baseOffset() + 1 != count) {
            throw new InvalidRecordException("Record count " + count + " and last offset " + batch.lastOffset()
                    + " of the record batch for partition " + partition + " do not fit together");
        }
        if (batch.isControlBatch() || batch.isTransactional()) {
            throw new InvalidRecordException("Clients are not allowed to write control or transactional records");
        }
        if (batch.hasProducerId() && batch.baseSequence() < 0) {
            throw new InvalidRecordException("Invalid sequence number " + batch.baseSequence()
                    + " in record batch with producerId " + batch.producerId());
        }
        long now = time.milliseconds();
        if (rules.timestampType() == TimestampType.LOG_APPEND_TIME) {
            batch.setMaxTimestamp(TimestampType.LOG_APPEND_TIME, now);
        } else if (batch.timestampType() == TimestampType.LOG_APPEND_TIME) {
            throw new InvalidTimestampException("Clients are not allowed to set the timestamp type of a record batch");
        } else if (batch.maxTimestamp() > now && batch.maxTimestamp() - now > rules.afterMaxMs()) {
            throw new InvalidTimestampException(
                    "Timestamp " + batch.maxTimestamp() + " of the record batch for partition " + partition
                            + " is out of range: it lies more than " + rules.afterMaxMs() + " ms in the future");
        }
    }

    /** Rejections are answered to the client and counted by error code at the edge. */
    private static final class NoMetrics implements MetricsRecorder {
        @Override
        public void recordInvalidMagic() {}

        @Override
        public void recordInvalidOffset() {}

        @Override
        public void recordInvalidSequence() {}

        @Override
        public void recordInvalidChecksums() {}

        @Override
        public void recordNoKeyCompactedTopic() {}
    }
}
