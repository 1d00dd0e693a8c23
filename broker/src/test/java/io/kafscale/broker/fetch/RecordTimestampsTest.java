package io.kafscale.broker.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.log.read.RecordTimestampFinder.Found;
import java.nio.ByteBuffer;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RecordTimestampsTest {
    private final RecordTimestamps finder = new RecordTimestamps(Runnable::run);

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void theFirstRecordOfATimeIsFoundInSharedMemory(CompressionType codec) {
        ByteBuffer batch = MemoryRecords.withRecords(
                        10,
                        Compression.of(codec).build(),
                        new SimpleRecord(100, new byte[5]),
                        new SimpleRecord(300, new byte[5]),
                        new SimpleRecord(200, new byte[5]))
                .buffer()
                .asReadOnlyBuffer();
        assertThat(finder.firstAtOrAfter(batch, 0, 0).join()).contains(new Found(10, 100));
        assertThat(finder.firstAtOrAfter(batch, 150, 0).join()).contains(new Found(11, 300));
        assertThat(finder.firstAtOrAfter(batch, 150, 12).join()).contains(new Found(12, 200));
        assertThat(finder.firstAtOrAfter(batch, 301, 0).join()).isEmpty();
        assertThat(batch.position()).isZero();
    }
}
