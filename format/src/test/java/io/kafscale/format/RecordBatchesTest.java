package io.kafscale.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.kafscale.format.RecordBatches.Tail;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecordBatchesTest {
    private static final byte[] VALUE = "value".getBytes(UTF_8);

    private final List<ByteBuffer> batches = new RandomBatches(new SplittableRandom(7), 100, 3).take(5);
    private final ByteBuffer whole = RandomBatches.joined(batches);

    private static List<RecordBatchView> walk(RecordBatches batches) {
        var seen = new ArrayList<RecordBatchView>();
        batches.forEach(seen::add);
        return seen;
    }

    @Test
    void everyFieldOfTheHeaderIsRead() {
        var bytes = RecordBatchEncoder.at(500)
                .leaderEpoch(9)
                .attributes(0x3a)
                .producer(77, 4, Integer.MAX_VALUE)
                .add(1_000, null, VALUE)
                .add(3_000, VALUE, null)
                .add(2_000, VALUE, VALUE)
                .encode();

        var batch = RecordBatchView.at(RandomBatches.inside(bytes, 13, 5), 13, "batch");

        assertThat(batch.position()).isEqualTo(13);
        assertThat(batch.sizeInBytes()).isEqualTo(bytes.remaining());
        assertThat(batch.end()).isEqualTo(13 + bytes.remaining());
        assertThat(batch.baseOffset()).isEqualTo(500);
        assertThat(batch.lastOffsetDelta()).isEqualTo(2);
        assertThat(batch.lastOffset()).isEqualTo(502);
        assertThat(batch.partitionLeaderEpoch()).isEqualTo(9);
        assertThat(batch.magic()).isEqualTo((byte) 2);
        assertThat(batch.crcMatches()).isTrue();
        assertThat(batch.compression()).isEqualTo(2);
        assertThat(batch.isLogAppendTime()).isTrue();
        assertThat(batch.isTransactional()).isTrue();
        assertThat(batch.isControl()).isTrue();
        assertThat(batch.baseTimestamp()).isEqualTo(1_000);
        assertThat(batch.maxTimestamp()).isEqualTo(3_000);
        assertThat(batch.producerId()).isEqualTo(77);
        assertThat(batch.hasProducerId()).isTrue();
        assertThat(batch.producerEpoch()).isEqualTo((short) 4);
        assertThat(batch.baseSequence()).isEqualTo(Integer.MAX_VALUE);
        assertThat(batch.lastSequence()).as("sequences start again at 0").isEqualTo(1);
        assertThat(batch.recordCount()).isEqualTo(3);
        assertThat(batch.slice()).isEqualTo(bytes);
    }

    @Test
    void offsetAndEpochAreWrittenInPlaceAndTheChecksumStaysValid() {
        var bytes = RecordBatchEncoder.at(0).add(1, null, VALUE).encode();
        var batch = RecordBatchView.at(bytes, 0, "batch");

        batch.setBaseOffset(123_456_789_012L);
        batch.setPartitionLeaderEpoch(42);

        var again = RecordBatchView.at(bytes, 0, "batch");
        assertThat(again.baseOffset()).isEqualTo(123_456_789_012L);
        assertThat(again.partitionLeaderEpoch()).isEqualTo(42);
        assertThat(again.crcMatches()).isTrue();
    }

    @Test
    void theWalkVisitsEveryBatchAndMovesNoPosition() {
        var outer = RandomBatches.inside(whole, 11, 3);
        int position = outer.position();
        outer.limit(position + whole.remaining());

        var seen = walk(RecordBatches.of(outer, "batches"));

        assertThat(seen).extracting(batch -> batch.slice()).containsExactlyElementsOf(batches);
        assertThat(outer.position()).isEqualTo(position);
        assertThat(outer.limit()).isEqualTo(position + whole.remaining());
    }

    @Test
    void everyCutInsideABatchIsDamageOrTheEndAsAsked() {
        var ends = new ArrayList<Integer>(List.of(0));
        batches.forEach(batch -> ends.add(ends.getLast() + batch.remaining()));

        for (int length = 0; length <= whole.limit(); length++) {
            var cut = RecordBatches.of(whole.slice(0, length), "cut");
            int complete = 0;
            while (complete + 1 < ends.size() && ends.get(complete + 1) <= length) {
                complete++;
            }
            assertThat(walk(cut.withTail(Tail.MAY_BE_CUT)))
                    .as("cut at %d", length)
                    .hasSize(complete);
            if (ends.contains(length)) {
                assertThat(walk(cut)).hasSize(complete);
            } else {
                assertThatExceptionOfType(CorruptObjectException.class)
                        .as("cut at %d", length)
                        .isThrownBy(() -> walk(cut));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 48})
    void aLengthThatCannotBeIsDamageEvenInACutBlock(int length) {
        whole.putInt(8, length);
        var cut = RecordBatches.of(whole, "hostile").withTail(Tail.MAY_BE_CUT);
        assertThatExceptionOfType(CorruptObjectException.class).isThrownBy(() -> walk(cut));
    }

    @ParameterizedTest
    @CsvSource({"16, 1, 1", "0, -1, 8", "0, 9223372036854775807, 8", "23, -1, 4", "57, -1, 4", "57, 2147483647, 4"})
    void aHeaderThatCannotBeIsNamedWithItsPlace(int field, long value, int width) {
        int start = batches.getFirst().remaining();
        switch (width) {
            case 1 -> whole.put(start + field, (byte) value);
            case 4 -> whole.putInt(start + field, (int) value);
            default -> whole.putLong(start + field, value);
        }

        assertThatExceptionOfType(CorruptObjectException.class)
                .isThrownBy(() -> walk(RecordBatches.of(whole, "orders-0", 1_000)))
                .satisfies(e -> {
                    assertThat(e.object()).isEqualTo("orders-0");
                    assertThat(e.position()).isBetween(1_000L + start, 1_000L + start + 61);
                    assertThat(e).hasMessageContaining("orders-0").hasMessageStartingWith(e.title());
                });
    }

    @Test
    void aFlippedBitBehindTheChecksumDoesNotMatchIt() {
        var bytes = RecordBatchEncoder.at(0).add(1, null, VALUE).encode();
        for (int i = 17; i < bytes.limit(); i++) {
            bytes.put(i, (byte) (bytes.get(i) ^ 4));
            assertThat(new RecordBatchView(bytes, 0).crcMatches())
                    .as("byte %d", i)
                    .isFalse();
            bytes.put(i, (byte) (bytes.get(i) ^ 4));
        }
    }
}
