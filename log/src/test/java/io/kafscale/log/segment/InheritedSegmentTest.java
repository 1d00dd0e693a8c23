package io.kafscale.log.segment;

import static io.kafscale.log.fixture.LogFixture.START_MS;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.format.RecordBatchView;
import io.kafscale.format.RecordBatches;
import io.kafscale.format.segment.SegmentFile;
import io.kafscale.format.segment.SegmentIndex;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.fixture.Batches;
import io.kafscale.log.fixture.LogFixture;
import io.kafscale.log.fixture.LogFixture.Knobs;
import io.kafscale.log.partition.PartitionLog;
import io.kafscale.objectstore.StorageException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Segments and chunks that earlier leaders left, and what contradicts them. */
class InheritedSegmentTest extends SegmentScenario {
    /** DESIGN §3.3: on 412 the existing file's end counts, not ours. */
    @Test
    void aShorterSegmentOfAnEarlierLeaderCounts() {
        // Given a leader that wrote a segment of two batches, not its index, and died before the record said so
        append(100);
        append(200);
        append(300);
        plantChunks(0, 1);

        // When its successor has more to write from the same offset
        fixture.takeOver();
        log = fixture.log(0);
        fixture.store.forget();
        fixture.time.advance(Duration.ofMinutes(11));

        // Then the first segment ends where the existing file does, with an index of it, and the rest follows
        assertThat(segment(0).footer().lastOffset()).isEqualTo(1);
        assertThat(SegmentIndex.parse(ByteBuffer.wrap(fixture.store.bytes(index(0))), index(0))
                        .matches(segment(0).identity(log.id().topicId(), 0)))
                .isTrue();
        assertThat(segment(2).footer().lastOffset()).isEqualTo(2);
        assertThat(log.stored().segmentEnd()).isEqualTo(3);
        assertThat(fixture.readAll(log, 0, 10_000))
                .extracting(Batches.Read::offset)
                .containsExactly(0L, 1L, 2L);
    }

    @Test
    void aLongerSegmentOfAnEarlierLeaderCountsToo() {
        // Given a successor whose segments are smaller than its predecessor's
        append(3_000);
        append(3_000);
        append(100);
        fixture.settle();
        fixture.records.put(fixture.records.get(log.id()).value());
        plantChunks(0, 1);
        assertThat(segment(0).footer().lastOffset()).isEqualTo(1);
        resetSegmentEnd();

        // When it cuts after the first batch
        fixture.takeOver();
        log = fixture.log(0);
        fixture.time.advance(Duration.ofMinutes(11));

        // Then
        assertThat(segment(0).footer().lastOffset()).isEqualTo(1);
        assertThat(log.stored().segmentEnd()).isEqualTo(3);
        assertThat(fixture.damages).isEmpty();
    }

    /** What the record was before any segment. */
    private void resetSegmentEnd() {
        var now = fixture.records.get(log.id()).value();
        fixture.records.put(new io.kafscale.metastore.cluster.PartitionRecord(
                now.topicId(), now.partition(), now.leader(), now.leaderEpoch(), 0, 0, now.tenures()));
    }

    /** Puts a segment made of the batches of these chunks under the key of offset 0, in place of what is there. */
    private void plantChunks(int... chunks) {
        var batches = new ArrayList<ByteBuffer>();
        var refs = fixture.chunksOf(0);
        for (int i : chunks) {
            var ref = refs.get(i);
            ByteBuffer object =
                    ByteBuffer.wrap(fixture.store.bytes(fixture.layout.walKey(ref.stream(), ref.sequence())));
            batches.add(ref.chunk().bytesIn(object));
        }
        plant(batches);
    }

    private void plant(List<ByteBuffer> batches) {
        SegmentFile file = SegmentFile.encode(batches, 0, START_MS - 1);
        ByteBuffer bytes = ByteBuffer.allocate(file.length());
        file.buffers().forEach(bytes::put);
        fixture.store.overwrite(kfs(0), bytes.array());
    }

    /** A 412 must not be taken for success: the file may hold something else. */
    @Test
    void aSegmentThatContradictsTheWalStopsThePartitionLoudlyAndNothingElse() {
        // Given a segment with another record at offset 0
        ByteBuffer other = Batches.of(START_MS, "something else");
        RecordBatchView.at(other, 0, "test").setPartitionLeaderEpoch(0);
        plant(List.of(other));
        PartitionLog innocent = fixture.create(1);

        // When
        append(5_000);
        fixture.append(innocent, Batches.sized(START_MS, 5_000));
        fixture.wal().flush();
        fixture.time.advance(Duration.ofMinutes(1));

        // Then
        assertThat(fixture.damages).singleElement().asString().contains("contradicts", kfs(0));
        assertThat(log.stored().segmentEnd()).isZero();
        assertThat(innocent.stored().segmentEnd()).isEqualTo(1);
        assertThat(fixture.wal().covered()).hasSize(1);
        append(10);
        assertThat(fixture.readAll(log, 0, 10_000)).hasSize(2);
    }

    @Test
    void aSegmentBeyondTheHighWatermarkIsDamage() {
        // Given a segment with a batch that was never acknowledged
        append(100);
        ByteBuffer acknowledged = fixture.chunksOf(0).stream()
                .map(ref -> ref.chunk()
                        .bytesIn(ByteBuffer.wrap(
                                fixture.store.bytes(fixture.layout.walKey(ref.stream(), ref.sequence())))))
                .findFirst()
                .orElseThrow();
        ByteBuffer never = Batches.of(START_MS, "never");
        RecordBatchView.at(never, 0, "test").setBaseOffset(1);
        plant(List.of(acknowledged, never));

        // When
        fixture.time.advance(Duration.ofMinutes(11));

        // Then
        assertThat(fixture.damages).singleElement().asString().contains("never acknowledged");
    }

    @Test
    void aWalObjectThatRottedStopsThePartitionThatNeedsItAndNoOther() {
        // Given two partitions in one object, one of whose chunks has a flipped bit
        use(SMALL.tail(0));
        PartitionLog other = fixture.create(1);
        fixture.append(log, Batches.sized(START_MS, 100));
        fixture.append(other, Batches.sized(START_MS, 100));
        fixture.wal().flush();
        var ref = fixture.chunksOf(0).getFirst();
        String key = fixture.layout.walKey(ref.stream(), ref.sequence());
        byte[] bytes = fixture.store.bytes(key);
        bytes[ref.chunk().position() + 100] ^= 1;
        fixture.store.overwrite(key, bytes);

        // When
        fixture.time.advance(Duration.ofMinutes(11));

        // Then
        assertThat(fixture.damages).singleElement().asString().contains(key);
        assertThat(log.stored().segmentEnd()).isZero();
        assertThat(other.stored().segmentEnd()).isEqualTo(1);
    }

    @Test
    void aTransferThatFlippedABitIsRepeated() {
        // Given a store that damages one answer only
        use(SMALL.tail(0));
        append(100);
        var ref = fixture.chunksOf(0).getFirst();
        String key = fixture.layout.walKey(ref.stream(), ref.sequence());
        byte[] intact = fixture.store.bytes(key);
        byte[] damaged = intact.clone();
        damaged[ref.chunk().position() + 100] ^= 1;
        fixture.store.overwrite(key, damaged);
        fixture.store.loseAnswers(request -> {
            if (request.operation().equals("range")) {
                fixture.store.overwrite(key, intact);
            }
            return Optional.empty();
        });

        // When
        fixture.time.advance(Duration.ofMinutes(11));

        // Then
        assertThat(fixture.damages).isEmpty();
        assertThat(log.stored().segmentEnd()).isEqualTo(1);
    }

    @Test
    void aFullDirectoryMakesSegmentsEarly() {
        // Given a directory with room for fifty chunks
        use(Knobs.defaults().directory(50L * WaitingChunk.HEAP_BYTES));
        PartitionLog quiet = fixture.create(1);
        fixture.append(quiet, Batches.of(START_MS, "x"));

        // When a partition collects many tiny chunks, long before it is due
        for (int i = 0; i < 60; i++) {
            append(10);
            fixture.time.advance(Duration.ofSeconds(1));
        }

        // Then it is written, and the quiet one is left alone
        assertThat(log.stored().segmentEnd()).isGreaterThan(40);
        assertThat(quiet.stored().segmentEnd()).isZero();
        assertThat(fixture.session().directory.used()).isLessThan(50L * WaitingChunk.HEAP_BYTES);
    }

    @Test
    void manyTenuresAreCutByWritingWhatWasInherited() {
        // Given more takeovers than a record can hold, each with something appended
        use(Knobs.defaults()
                .segments(new SegmentSettings(
                        1 << 20,
                        Long.MAX_VALUE,
                        100,
                        4,
                        Knobs.defaults().segments().backoff())));
        for (int i = 0; i < 12; i++) {
            append(10);
            fixture.takeOver();
            log = fixture.log(0);
        }

        // Then
        assertThat(log.leaderEpoch()).isEqualTo(12);
        assertThat(fixture.records.get(log.id()).value().tenures()).hasSizeLessThanOrEqualTo(8);
        assertThat(fixture.readAll(log, 0, 10_000)).hasSize(12);
    }

    @Test
    void severalTenuresMakeSegmentsUrgent() {
        for (int i = 0; i < 4; i++) {
            append(10);
            fixture.takeOver();
            log = fixture.log(0);
        }
        append(10);
        fixture.settle();
        assertThat(log.stored().segmentEnd()).isGreaterThanOrEqualTo(4);
        assertThat(fixture.records.get(log.id()).value().tenures()).hasSizeLessThanOrEqualTo(2);
    }

    @Test
    void inheritedChunksThatCannotBeWrittenFailTheTakeover() {
        // Given
        append(10);
        fixture.crash();
        var before = fixture.records.get(log.id());
        var stored = new StoredPartition(LogFixture.place(0), before, SMALL.topic(), fixture.session().stores);
        stored.inherit(InheritedChunks.of(before.value(), fixture.chunksOf(0)));
        fixture.store.fail(request -> Optional.of(StorageException.Kind.UNAVAILABLE));

        // When
        var written = fixture.session().writer.writeInherited(stored);

        // Then
        assertThat(fixture.failure(written)).isEqualTo(Kind.STORAGE_UNAVAILABLE);
        fixture.store.heal();
        fixture.get(fixture.session().writer.writeInherited(stored));
        assertThat(stored.segmentEnd()).isEqualTo(1);
    }

    @Test
    void aPartitionThatIsGivenUpIsNotWrittenAnyMore() {
        append(10);
        fixture.session().writer.untrack(log.stored());
        fixture.time.advance(Duration.ofHours(2));
        assertThat(fixture.written).isEmpty();
    }

    @Test
    void theRateOfWritingIsBounded() {
        // Given 1,000 bytes per second
        use(SMALL.segments(new SegmentSettings(
                6_000, 1_000, 4, 4, Knobs.defaults().segments().backoff())));
        for (int i = 0; i < 4; i++) {
            append(5_000);
        }

        // When
        fixture.time.advance(Duration.ofSeconds(11));

        // Then
        assertThat(fixture.written).hasSizeBetween(2, 3);
        fixture.time.advance(Duration.ofSeconds(11));
        assertThat(fixture.written).hasSize(4);
    }

    @Test
    void aSegmentStartsRightAtTheSegmentEndEvenInsideAChunk() {
        // Given a chunk of two batches whose first one is in a segment already
        fixture.append(log, Batches.joined(Batches.of(START_MS, "a"), Batches.of(START_MS, "b")));
        fixture.wal().flush();
        ByteBuffer chunk = fixture.chunksOf(0)
                .getFirst()
                .chunk()
                .bytesIn(ByteBuffer.wrap(fixture.store.bytes(fixture.layout.walKey(fixture.session().stream, 1))));
        int first = RecordBatches.of(chunk, "test").iterator().next().sizeInBytes();
        plant(List.of(chunk.slice(0, first)));

        // When
        fixture.time.advance(Duration.ofMinutes(11));

        // Then
        assertThat(segment(0).footer().lastOffset()).isZero();
        assertThat(segment(1).footer().lastOffset()).isEqualTo(1);
        assertThat(fixture.readAll(log, 0, 1000))
                .extracting(Batches.Read::value)
                .containsExactly("a", "b");
    }
}
