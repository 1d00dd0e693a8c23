package io.kafscale.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Kafka's own classes see in a batch what ours see, whoever encoded it. */
class KafkaAgreesTest {
    @Test
    void onABatchThatKafkaEncoded() {
        var records = MemoryRecords.withIdempotentRecords(
                (byte) 2,
                1_234L,
                Compression.gzip().build(),
                55L,
                (short) 6,
                Integer.MAX_VALUE - 1,
                17,
                new SimpleRecord(1_000, "a".getBytes(UTF_8)),
                new SimpleRecord(5_000, "b".getBytes(UTF_8)),
                new SimpleRecord(3_000, "c".getBytes(UTF_8)));
        agree(records.buffer());
    }

    @Test
    void onABatchThatWeEncoded() {
        var bytes = RecordBatchEncoder.at(40)
                .leaderEpoch(3)
                .producer(9, 1, 100)
                .add(2_000, "key".getBytes(UTF_8), "value".getBytes(UTF_8))
                .add(1_000, null, new byte[300])
                .add(9_999_999, "gone".getBytes(UTF_8), null)
                .encode();

        var seen = new ArrayList<String>();
        MemoryRecords.readableRecords(bytes).records().forEach(record -> {
            record.ensureValid();
            seen.add(record.offset() + "@" + record.timestamp() + " " + text(record.hasKey() ? record.key() : null)
                    + "=" + record.valueSize());
        });
        assertThat(seen).containsExactly("40@2000 key=5", "41@1000 null=300", "42@9999999 gone=-1");
        agree(bytes);
    }

    private static String text(@Nullable ByteBuffer bytes) {
        return bytes == null ? "null" : UTF_8.decode(bytes).toString();
    }

    private static void agree(ByteBuffer bytes) {
        var ours = RecordBatchView.at(bytes, 0, "batch");
        MutableRecordBatch theirs =
                MemoryRecords.readableRecords(bytes).batches().iterator().next();
        theirs.ensureValid();
        assertThat(ours.crcMatches()).isTrue();
        assertThat(ours.sizeInBytes()).isEqualTo(theirs.sizeInBytes());
        assertThat(ours.baseOffset()).isEqualTo(theirs.baseOffset());
        assertThat(ours.lastOffset()).isEqualTo(theirs.lastOffset());
        assertThat(ours.partitionLeaderEpoch()).isEqualTo(theirs.partitionLeaderEpoch());
        assertThat(Integer.toUnsignedLong(ours.crc())).isEqualTo(theirs.checksum());
        assertThat(ours.compression()).isEqualTo(theirs.compressionType().id);
        assertThat(ours.baseTimestamp()).isEqualTo(theirs.iterator().next().timestamp());
        assertThat(ours.maxTimestamp()).isEqualTo(theirs.maxTimestamp());
        assertThat(ours.producerId()).isEqualTo(theirs.producerId());
        assertThat(ours.producerEpoch()).isEqualTo(theirs.producerEpoch());
        assertThat(ours.baseSequence()).isEqualTo(theirs.baseSequence());
        assertThat(ours.lastSequence()).isEqualTo(theirs.lastSequence());
        assertThat(ours.recordCount()).isEqualTo(theirs.countOrNull());
        ours.setBaseOffset(7_000);
        ours.setPartitionLeaderEpoch(21);
        theirs.ensureValid();
        assertThat(theirs.baseOffset()).isEqualTo(7_000);
        assertThat(theirs.partitionLeaderEpoch()).isEqualTo(21);
    }
}
