package io.kafscale.format.segment;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.kafscale.format.ProducerEntry;
import io.kafscale.format.ProducerEntry.BatchEntry;
import io.kafscale.format.ProducerStateSnapshot;
import io.kafscale.format.RandomBatches;
import io.kafscale.format.RecordBatchEncoder;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;

/** One small segment that has something of everything. Golden files hold its bytes: never change it. */
final class SegmentSamples {
    static final UUID TOPIC_ID = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
    static final int PARTITION = 3;
    static final int INTERVAL = 2;

    static final ProducerStateSnapshot PRODUCERS_BEFORE = new ProducerStateSnapshot(
            true,
            List.of(new ProducerEntry(
                    7, (short) 1, List.of(new BatchEntry(40, 44, 990, 1_699_999_999_000L)), 1_699_999_999_000L)));

    private SegmentSamples() {}

    static SegmentFile file() {
        var first = RecordBatchEncoder.at(1_000)
                .leaderEpoch(5)
                .producer(4_711, 2, 0)
                .add(1_700_000_000_000L, "order-1".getBytes(UTF_8), "{\"total\":12}".getBytes(UTF_8))
                .add(1_700_000_000_250L, "order-2".getBytes(UTF_8), "{\"total\":99}".getBytes(UTF_8))
                .encode();
        var second = RecordBatchEncoder.at(1_002)
                .leaderEpoch(5)
                .add(1_699_999_999_500L, null, "late".getBytes(UTF_8))
                .encode();
        var third = RecordBatchEncoder.at(1_003)
                .leaderEpoch(6)
                .producer(4_711, 2, 2)
                .add(1_700_000_001_000L, "order-1".getBytes(UTF_8), null)
                .encode();
        return SegmentFile.encode(List.of(first, second, third), 1_000, 1_700_000_002_000L);
    }

    static ByteBuffer bytes() {
        return RandomBatches.joined(file().buffers());
    }

    static SegmentIndex index() {
        return SegmentIndex.build(file(), source());
    }

    static IndexSource source() {
        return new IndexSource(TOPIC_ID, PARTITION, INTERVAL, PRODUCERS_BEFORE);
    }
}
