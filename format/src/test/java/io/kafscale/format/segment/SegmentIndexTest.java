package io.kafscale.format.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.ProducerEntry;
import io.kafscale.format.ProducerEntry.BatchEntry;
import io.kafscale.format.ProducerStateSnapshot;
import io.kafscale.format.RandomBatches;
import io.kafscale.format.RecordBatchEncoder;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SegmentIndexTest {
    private static final UUID TOPIC_ID = new UUID(0x1111_2222_3333_4444L, 0x5555_6666_7777_8888L);

    private static IndexSource source(int interval) {
        return new IndexSource(TOPIC_ID, 3, interval, ProducerStateSnapshot.EMPTY);
    }

    private static ByteBuffer batch(long offset, int records, long timestamp) {
        var encoder = RecordBatchEncoder.at(offset);
        for (int i = 0; i < records; i++) {
            encoder.add(timestamp, null, null);
        }
        return encoder.encode();
    }

    private static SegmentIndex indexOf(int interval, ByteBuffer... batches) {
        long base = batches[0].getLong(0);
        return SegmentIndex.build(SegmentFile.encode(List.of(batches), base, 5), source(interval));
    }

    @Test
    void anEntryIsAddedAtTheFirstBatchAndWheneverTheIntervalHasPassed() {
        var batches =
                new ByteBuffer[] {batch(0, 4, 1), batch(4, 4, 1), batch(8, 4, 1), batch(12, 9, 1), batch(21, 1, 1)};
        var index = indexOf(8, batches);

        int third = 32 + batches[0].limit() + batches[1].limit();
        int fifth = third + batches[2].limit() + batches[3].limit();
        assertThat(index.entries())
                .containsExactly(new IndexEntry(0, 32), new IndexEntry(8, third), new IndexEntry(21, fifth));
    }

    @Test
    void lookupsFindTheEntriesAroundAnOffset() {
        var index = indexOf(1, batch(100, 10, 1), batch(110, 10, 1), batch(120, 10, 1));

        assertThat(index.floor(5).offset()).isEqualTo(100);
        assertThat(index.floor(109).offset()).isEqualTo(100);
        assertThat(index.floor(110).offset()).isEqualTo(110);
        assertThat(index.floor(5_000).offset()).isEqualTo(120);
        assertThat(index.higher(5)).map(IndexEntry::offset).contains(100L);
        assertThat(index.higher(110)).map(IndexEntry::offset).contains(120L);
        assertThat(index.higher(120)).isEmpty();
    }

    @Test
    void timesLeadToTheBatchBeforeTheFirstThatHasThem() {
        var extension = indexOf(1, batch(0, 10, 500), batch(10, 10, 400), batch(20, 10, 700), batch(30, 10, 600))
                .extension()
                .orElseThrow();

        assertThat(extension.times()).containsExactly(new TimeEntry(500, 0), new TimeEntry(700, 20));
        assertThat(extension.maxTimestamp()).isEqualTo(new TimeEntry(700, 20));
        assertThat(extension.scanStart(1)).hasValue(0);
        assertThat(extension.scanStart(500)).hasValue(0);
        assertThat(extension.scanStart(501)).hasValue(0);
        assertThat(extension.scanStart(700)).hasValue(0);
        assertThat(extension.scanStart(701)).isEmpty();
    }

    @Test
    void scanStartsAreNeverTooLateAndNeverWithoutNeed() {
        long seed = new SplittableRandom().nextLong();
        System.out.println("seed " + seed);
        var random = new SplittableRandom(seed);
        for (int round = 0; round < 50; round++) {
            var batches = new ArrayList<ByteBuffer>();
            var times = new ArrayList<Long>();
            for (int i = 0; i < 30; i++) {
                times.add((long) random.nextInt(100));
                batches.add(batch(2L * i, 2, times.get(i)));
            }
            var extension = indexOf(1 + random.nextInt(10), batches.toArray(ByteBuffer[]::new))
                    .extension()
                    .orElseThrow();
            for (int timestamp = 0; timestamp < 102; timestamp++) {
                int wanted = timestamp;
                var first = times.stream()
                        .filter(time -> time >= wanted)
                        .findFirst()
                        .map(times::indexOf);
                OptionalLong start = extension.scanStart(timestamp);
                assertThat(start.isPresent()).as("seed %d", seed).isEqualTo(first.isPresent());
                first.ifPresent(
                        i -> assertThat(start.getAsLong()).as("seed %d", seed).isLessThanOrEqualTo(2L * i));
            }
        }
    }

    @Test
    void recordsWithoutTimestampsGiveNoTimes() {
        var extension = indexOf(1, batch(0, 1, -1), batch(1, 1, -1)).extension().orElseThrow();
        assertThat(extension.times()).isEmpty();
        assertThat(extension.maxTimestamp()).isEqualTo(TimeEntry.NONE);
        assertThat(extension.scanStart(0)).isEmpty();
    }

    @Test
    void epochsStartWhereTheFirstBatchHasThem() {
        var batches = List.of(
                RecordBatchEncoder.at(0).leaderEpoch(4).add(1, null, null).encode(),
                RecordBatchEncoder.at(1).leaderEpoch(4).add(1, null, null).encode(),
                RecordBatchEncoder.at(2).leaderEpoch(7).add(1, null, null).encode());
        var index = SegmentIndex.build(SegmentFile.encode(batches, 0, 5), source(100));
        assertThat(index.extension().orElseThrow().epochs())
                .containsExactly(new EpochStart(4, 0), new EpochStart(7, 2));
    }

    @Test
    void producerStateGoesOnFromTheStateBeforeTheSegment() {
        var before = new ProducerStateSnapshot(
                true,
                List.of(
                        new ProducerEntry(1, (short) 0, List.of(new BatchEntry(0, 4, 80, 10)), 10),
                        new ProducerEntry(2, (short) 0, List.of(new BatchEntry(0, 4, 85, 11)), 11)));
        var batches = new ArrayList<ByteBuffer>();
        for (int i = 0; i < 6; i++) {
            batches.add(RecordBatchEncoder.at(100 + i)
                    .producer(1, 0, 5 + i)
                    .add(20 + i, null, null)
                    .encode());
        }
        batches.add(
                RecordBatchEncoder.at(106).producer(9, 3, 0).add(50, null, null).encode());
        batches.add(
                RecordBatchEncoder.at(107).producer(9, 4, 0).add(51, null, null).encode());
        var file = SegmentFile.encode(batches, 100, 5);

        var state = SegmentIndex.build(file, new IndexSource(TOPIC_ID, 3, 100, before))
                .extension()
                .orElseThrow()
                .producers();

        assertThat(state.complete()).isTrue();
        assertThat(state.producers()).extracting(ProducerEntry::producerId).containsExactly(1L, 2L, 9L);
        var first = state.producers().get(0);
        assertThat(first.batches()).extracting(BatchEntry::baseSequence).containsExactly(6, 7, 8, 9, 10);
        assertThat(first.batches().getLast()).isEqualTo(new BatchEntry(10, 10, 105, 25));
        assertThat(first.lastTimestampMs()).isEqualTo(25);
        assertThat(state.producers().get(1)).isEqualTo(before.producers().get(1));
        assertThat(state.producers().get(2).producerEpoch()).isEqualTo((short) 4);
        assertThat(state.producers().get(2).batches()).containsExactly(new BatchEntry(0, 0, 107, 51));
    }

    @Test
    void whatIsReadIsWhatWasWritten() {
        long seed = new SplittableRandom().nextLong();
        System.out.println("seed " + seed);
        var random = new SplittableRandom(seed);
        for (int round = 0; round < 100; round++) {
            var batches = new RandomBatches(random, random.nextInt(1_000_000), 1);
            var list = new ArrayList<>(batches.take(1 + random.nextInt(20)));
            batches.newLeader();
            list.addAll(batches.take(random.nextInt(5)));
            long base = list.getFirst().getLong(list.getFirst().position());
            var index = SegmentIndex.build(SegmentFile.encode(list, base, 5), source(1 + random.nextInt(30)));

            var read = SegmentIndex.parse(RandomBatches.inside(index.encode(), 7, 0), "index");

            assertThat(read.entries()).as("seed %d", seed).isEqualTo(index.entries());
            assertThat(read.extension()).as("seed %d", seed).isEqualTo(index.extension());
            assertThat(read.intervalRecords()).isEqualTo(index.intervalRecords());
            assertThat(read.encode()).isEqualTo(index.encode());
        }
    }

    @Test
    void anIndexIsRebuiltFromItsFileAlone() {
        var batches = new RandomBatches(new SplittableRandom(3), 50, 1).take(30);
        var file = SegmentFile.encode(batches, 50, 5);
        var original = SegmentIndex.build(file, source(20));

        var rebuilt = SegmentIndex.rebuild(RandomBatches.joined(file.buffers()), "segment", source(20));

        assertThat(rebuilt.encode()).isEqualTo(original.encode());
    }

    @Test
    void anIndexRebuiltWithoutTheStateBeforeSaysSo() {
        var file = SegmentFile.encode(new RandomBatches(new SplittableRandom(3), 50, 1).take(30), 50, 5);
        var source = new IndexSource(TOPIC_ID, 3, 20, ProducerStateSnapshot.UNKNOWN);
        var state = SegmentIndex.parse(SegmentIndex.build(file, source).encode(), "index")
                .extension()
                .orElseThrow()
                .producers();
        assertThat(state.complete()).isFalse();
        assertThat(state.producers()).isNotEmpty();
    }

    @Test
    void anIndexKnowsItsFile() {
        var file = SegmentFile.encode(List.of(batch(0, 4, 1)), 0, 5);
        var other = SegmentFile.encode(List.of(batch(0, 4, 2)), 0, 5);
        var index = SegmentIndex.build(file, source(1));

        assertThat(index.matches(file.identity(TOPIC_ID, 3))).isTrue();
        assertThat(index.matches(file.identity(TOPIC_ID, 4))).isFalse();
        assertThat(index.matches(file.identity(new UUID(1, 1), 3))).isFalse();
        assertThat(index.matches(other.identity(TOPIC_ID, 3))).isFalse();
        assertThat(index.withoutExtension().matches(file.identity(TOPIC_ID, 3))).isFalse();
    }

    @Test
    void anIndexWithoutExtensionIsRead() {
        var index = indexOf(1, batch(0, 4, 1), batch(4, 4, 1));
        var read = SegmentIndex.parse(index.withoutExtension().encode(), "index");
        assertThat(read.extension()).isEmpty();
        assertThat(read.entries()).isEqualTo(index.entries());
    }

    @Test
    void anUnknownSectionIsIgnored() {
        var index = indexOf(1, batch(0, 4, 1));
        var bytes = withSection(index.encode(), 99, new byte[] {1, 2, 3});
        assertThat(SegmentIndex.parse(bytes, "index").extension()).isEqualTo(index.extension());
    }

    @Test
    void aKnownSectionTwiceIsDamage() {
        var bytes = withSection(indexOf(1, batch(0, 4, 1)).encode(), 5, new byte[16]);
        assertThatExceptionOfType(CorruptObjectException.class)
                .isThrownBy(() -> SegmentIndex.parse(bytes, "index"))
                .withMessageContaining("twice");
    }

    @Test
    void aLaterVersionOfTheExtensionIsIgnored() {
        var index = indexOf(1, batch(0, 4, 1));
        var bytes = index.encode();
        int extension = SegmentIndex.HEADER_BYTES + SegmentIndex.ENTRY_BYTES;
        bytes.putShort(extension + 4, (short) 2);
        IndexBytes.fixChecksum(bytes, extension);
        assertThat(SegmentIndex.parse(bytes, "index").extension()).isEmpty();
    }

    private static ByteBuffer withSection(ByteBuffer index, int type, byte[] body) {
        int extension = SegmentIndex.HEADER_BYTES + SegmentIndex.ENTRY_BYTES;
        var longer = ByteBuffer.allocate(index.limit() + 6 + body.length)
                .put(index)
                .putShort((short) type)
                .putInt(body.length)
                .put(body)
                .flip();
        longer.putInt(extension + 8, longer.limit() - extension - 16);
        IndexBytes.fixChecksum(longer, extension);
        return longer;
    }
}
