package io.kafscale.format.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.Crc32c;
import io.kafscale.format.RandomBatches;
import io.kafscale.format.RecordBatchEncoder;
import io.kafscale.format.RecordBatchView;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SegmentFileTest {
    private final List<ByteBuffer> batches = new RandomBatches(new SplittableRandom(11), 1_000, 2).take(20);

    @Test
    void aFileIsHeaderThenTheBatchesUncopiedThenFooter() {
        var file = SegmentFile.encode(batches, 1_000, 1_700_000_000_000L);

        var buffers = file.buffers();
        assertThat(buffers).hasSize(22);
        assertThat(buffers.getFirst().remaining()).isEqualTo(32);
        assertThat(buffers.getLast().remaining()).isEqualTo(16);
        assertThat(RandomBatches.joined(buffers).remaining()).isEqualTo(file.length());
        assertThat(file.footer().bodyCrc()).isEqualTo(Crc32c.of(batches));
        assertThat(file.header().baseOffset()).isEqualTo(1_000);
        assertThat(file.header().createdMs()).isEqualTo(1_700_000_000_000L);
        batches.getFirst().put(batches.getFirst().position() + 61, (byte) 99);
        assertThat(buffers.get(1).get(buffers.get(1).position() + 61))
                .as("shared")
                .isEqualTo((byte) 99);
    }

    @Test
    void whatIsReadIsWhatWasWritten() {
        var written = SegmentFile.encode(batches, 1_000, 5);
        var bytes = RandomBatches.inside(RandomBatches.joined(written.buffers()), 9, 0);

        var read = SegmentFile.parse(bytes, "segment");

        assertThat(read.header()).isEqualTo(written.header());
        assertThat(read.footer()).isEqualTo(written.footer());
        assertThat(read.length()).isEqualTo(written.length());
        assertThat(RandomBatches.joined(read.buffers())).isEqualTo(bytes);
        assertThat(places(read)).isEqualTo(places(written)).hasSize(20).first().isEqualTo("1000@32");
    }

    private static List<String> places(SegmentFile file) {
        var places = new ArrayList<String>();
        file.forEachBatch((batch, position) -> places.add(batch.baseOffset() + "@" + position));
        return places;
    }

    @Test
    void headerAndFooterCanBeReadAlone() {
        var file = SegmentFile.encode(batches, 1_000, 5);
        var bytes = RandomBatches.joined(file.buffers());

        assertThat(SegmentHeader.parse(bytes.slice(0, 32), "segment")).isEqualTo(file.header());
        assertThat(SegmentFooter.parse(bytes.slice(bytes.limit() - 40, 40), bytes.limit(), "segment"))
                .isEqualTo(file.footer());
    }

    @Test
    void theRecordCountIsThatOfAllBatches() {
        int records = 0;
        for (ByteBuffer batch : batches) {
            records += RecordBatchView.at(batch, batch.position(), "batch").recordCount();
        }
        assertThat(SegmentFile.encode(batches, 1_000, 5).header().recordCount()).isEqualTo(records);
    }

    @Test
    void aSegmentWithoutDenseOffsetsIsNotWritten() {
        assertThatIllegalArgumentException().isThrownBy(() -> SegmentFile.encode(batches, 999, 5));
        assertThatIllegalArgumentException().isThrownBy(() -> SegmentFile.encode(List.of(), 0, 5));
        var holed = new ArrayList<>(batches);
        holed.remove(7);
        assertThatIllegalArgumentException().isThrownBy(() -> SegmentFile.encode(holed, 1_000, 5));
    }

    @Test
    void aSegmentWithoutDenseOffsetsIsRead() {
        var first = RecordBatchEncoder.at(10).add(1, null, null).encode();
        var later = RecordBatchEncoder.at(50).add(1, null, null).encode();
        var body = List.of(first, later);
        var bytes = RandomBatches.joined(List.of(
                new SegmentHeader(10, 2, 5).encode(), first, later, new SegmentFooter(Crc32c.of(body), 50).encode()));

        assertThat(places(SegmentFile.parse(bytes, "segment"))).containsExactly("10@32", "50@" + (32 + first.limit()));
    }

    @Test
    void batchesOutOfOrderAreDamage() {
        var first = RecordBatchEncoder.at(10).add(1, null, null).encode();
        var same = RecordBatchEncoder.at(10).add(1, null, null).encode();
        var bytes = RandomBatches.joined(List.of(
                new SegmentHeader(10, 2, 5).encode(),
                first,
                same,
                new SegmentFooter(Crc32c.of(List.of(first, same)), 10).encode()));

        assertThatExceptionOfType(CorruptObjectException.class)
                .isThrownBy(() -> SegmentFile.parse(bytes, "segment"))
                .satisfies(e -> assertThat(e.position()).isEqualTo(32 + first.limit()));
    }

    @Test
    void filesOfOneSegmentAgreeWhereverBothHaveOffsets() {
        var all = SegmentFile.encode(batches, 1_000, 5);
        var some = SegmentFile.encode(batches.subList(0, 6), 1_000, 9);
        var inOneBuffer = SegmentFile.parse(RandomBatches.joined(all.buffers()), "segment");

        assertThat(all.agreesWith(some)).isTrue();
        assertThat(some.agreesWith(all)).isTrue();
        assertThat(inOneBuffer.agreesWith(some)).isTrue();
        assertThat(inOneBuffer.agreesWith(all)).isTrue();

        var damaged = RandomBatches.joined(batches.subList(0, 6));
        damaged.put(damaged.limit() - 1, (byte) ~damaged.get(damaged.limit() - 1));
        assertThat(SegmentFile.encode(List.of(damaged), 1_000, 9).agreesWith(all))
                .isFalse();
    }
}
