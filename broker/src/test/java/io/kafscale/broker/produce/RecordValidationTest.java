package io.kafscale.broker.produce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.broker.request.BrokerSettings.Validation;
import io.kafscale.broker.request.KafkaTime;
import io.kafscale.runtime.simulated.SimulatedTime;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.UnsupportedCompressionTypeException;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.utils.Crc32C;
import org.apache.kafka.storage.internals.log.RecordValidationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RecordValidationTest {
    private static final long NOW = 1_000_000;
    private static final short VERSION = 12;
    private static final RecordRules PLAIN = RecordRules.of(Map.of());

    private final KafkaTime time = new KafkaTime(new SimulatedTime(NOW));

    private static MemoryRecords records(CompressionType codec, SimpleRecord... records) {
        return MemoryRecords.withRecords(Compression.of(codec).build(), records);
    }

    private static SimpleRecord record(long timestamp) {
        return new SimpleRecord(timestamp, "key".getBytes(StandardCharsets.UTF_8), new byte[100]);
    }

    private ByteBuffer validate(Validation level, MemoryRecords records, RecordRules rules) {
        return new RecordValidation(level, time).validate(new TopicPartition("t", 0), records, rules, VERSION);
    }

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void aGoodBatchStaysWhereItIs(CompressionType codec) {
        for (Validation level : Validation.values()) {
            MemoryRecords records = records(codec, record(NOW), record(NOW - 5));
            byte[] before = bytes(records.buffer());
            ByteBuffer validated = validate(level, records, PLAIN);
            assertThat(validated.array()).isSameAs(records.buffer().array());
            assertThat(validated.arrayOffset()).isEqualTo(records.buffer().arrayOffset());
            assertThat(bytes(validated)).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @EnumSource(Validation.class)
    void aFlippedBitIsFound(Validation level) {
        MemoryRecords records = records(CompressionType.NONE, record(NOW));
        int last = records.sizeInBytes() - 1;
        records.buffer().put(last, (byte) (records.buffer().get(last) ^ 1));
        assertThatThrownBy(() -> validate(level, records, PLAIN)).isInstanceOf(CorruptRecordException.class);
    }

    @ParameterizedTest
    @EnumSource(Validation.class)
    void aBatchBeyondTheTopicsLimitIsRefused(Validation level) {
        RecordRules small = RecordRules.of(Map.of("max.message.bytes", "100"));
        assertThatThrownBy(() -> validate(level, records(CompressionType.NONE, record(NOW)), small))
                .isInstanceOf(RecordTooLargeException.class);
    }

    @ParameterizedTest
    @EnumSource(Validation.class)
    void theBrokersTimeReplacesTheProducersWhereTheTopicSaysSo(Validation level) {
        RecordRules appendTime = RecordRules.of(Map.of("message.timestamp.type", "LogAppendTime"));
        ByteBuffer validated = validate(level, records(CompressionType.GZIP, record(5)), appendTime);
        MutableRecordBatch batch =
                MemoryRecords.readableRecords(validated).batches().iterator().next();
        assertThat(batch.timestampType()).isEqualTo(TimestampType.LOG_APPEND_TIME);
        assertThat(batch.maxTimestamp()).isEqualTo(NOW);
        assertThat(batch.isValid()).isTrue();
        assertThat(appendTime.logAppendTimeMs(NOW)).isEqualTo(NOW);
        assertThat(PLAIN.logAppendTimeMs(NOW)).isEqualTo(-1);
    }

    @Test
    void recordsOutsideTheTopicsBoundsAreNamed() {
        RecordRules bounded = RecordRules.of(Map.of("message.timestamp.before.max.ms", "100"));
        assertThatThrownBy(() -> validate(
                        Validation.FULL, records(CompressionType.NONE, record(NOW), record(NOW - 200)), bounded))
                .isInstanceOfSatisfying(RecordValidationException.class, refused -> {
                    assertThat(refused.invalidException()).isInstanceOf(InvalidTimestampException.class);
                    assertThat(refused.recordErrors())
                            .singleElement()
                            .satisfies(error -> assertThat(error.batchIndex).isEqualTo(1));
                });
    }

    @ParameterizedTest
    @EnumSource(Validation.class)
    void aTimestampFarAheadIsRefused(Validation level) {
        RecordRules bounded = RecordRules.of(Map.of("message.timestamp.after.max.ms", "100"));
        assertThatThrownBy(() -> validate(level, records(CompressionType.NONE, record(NOW + 200)), bounded))
                .isInstanceOfAny(RecordValidationException.class, InvalidTimestampException.class);
    }

    @ParameterizedTest
    @EnumSource(Validation.class)
    void aCompactedTopicTakesNoRecordWithoutAKey(Validation level) {
        RecordRules compacted = RecordRules.of(Map.of("cleanup.policy", "compact"));
        MemoryRecords keyless = records(CompressionType.ZSTD, new SimpleRecord(NOW, new byte[3]));
        assertThatThrownBy(() -> validate(level, keyless, compacted))
                .isInstanceOfSatisfying(
                        RecordValidationException.class,
                        refused -> assertThat(refused.recordErrors()).hasSize(1));
    }

    @Test
    void anOldVersionCannotCarryZstd() {
        var validation = new RecordValidation(Validation.FULL, time);
        assertThatThrownBy(() -> validation.validate(
                        new TopicPartition("t", 0), records(CompressionType.ZSTD, record(NOW)), PLAIN, (short) 6))
                .isInstanceOf(UnsupportedCompressionTypeException.class);
    }

    @Test
    void offsetsThatDoNotBeginAtZeroAreRefused() {
        MemoryRecords shifted = MemoryRecords.withRecords(7, Compression.NONE, record(NOW));
        assertThatThrownBy(() -> validate(Validation.FULL, shifted, PLAIN)).isInstanceOf(InvalidRecordException.class);
    }

    @Test
    void bytesThatOnlyLookLikeABatchAreRefused() {
        // A checksum that fits, over records that do not decompress.
        MemoryRecords records = records(CompressionType.GZIP, record(NOW));
        ByteBuffer bytes = records.buffer();
        for (int i = bytes.limit() - 20; i < bytes.limit(); i++) {
            bytes.put(i, (byte) 0x55);
        }
        int crc = (int) Crc32C.compute(bytes, 21, bytes.limit() - 21);
        bytes.putInt(17, crc);
        assertThatThrownBy(() -> validate(Validation.FULL, records, PLAIN)).isInstanceOf(ApiException.class);
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
