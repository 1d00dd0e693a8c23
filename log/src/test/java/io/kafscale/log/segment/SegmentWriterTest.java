package io.kafscale.log.segment;

import static io.kafscale.log.fixture.LogFixture.START_MS;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.format.ProducerStateSnapshot;
import io.kafscale.format.RecordBatchView;
import io.kafscale.format.RecordBatches;
import io.kafscale.format.segment.SegmentFile;
import io.kafscale.format.segment.SegmentIndex;
import io.kafscale.log.AppendRequest.Acknowledge;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.fixture.Batches;
import io.kafscale.log.fixture.LogFixture;
import io.kafscale.log.fixture.LogFixture.Knobs;
import io.kafscale.log.partition.PartitionLog;
import io.kafscale.metastore.MetadataException;
import io.kafscale.objectstore.StorageException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SegmentWriterTest {
    private static final Knobs SMALL = Knobs.defaults().topic(Knobs.topic(4_000, Duration.ofMinutes(10)));

    private LogFixture fixture = new LogFixture(SMALL);
    private PartitionLog log = fixture.create(0);

    private void use(Knobs knobs) {
        fixture = new LogFixture(knobs);
        log = fixture.create(0);
    }

    private void append(int bytes) {
        fixture.append(log, Batches.sized(START_MS, bytes), Acknowledge.ASSIGNED);
        fixture.wal().flush();
    }

    private String kfs(long baseOffset) {
        return log.stored().place().segmentKey(fixture.layout, baseOffset);
    }

    private String index(long baseOffset) {
        return log.stored().place().indexKey(fixture.layout, baseOffset);
    }

    private SegmentFile segment(long baseOffset) {
        return SegmentFile.parse(ByteBuffer.wrap(fixture.store.bytes(kfs(baseOffset))), kfs(baseOffset));
    }

    @Test
    void waitingRecordsBecomeASegmentWhenThereAreEnough() {
        // Given
        fixture.store.forget();
        for (int i = 0; i < 3; i++) {
            append(1_000);
        }
        fixture.settle();
        assertThat(fixture.store.requests()).isEmpty();

        // When
        append(1_000);
        append(1_000);
        fixture.settle();

        // Then .kfs, .index and the record, in this order, from memory alone
        assertThat(fixture.store.requests())
                .extracting(request -> request.operation() + " " + request.name())
                .containsExactly("put segment-00000000000000000000.kfs", "put segment-00000000000000000000.index");
        assertThat(segment(0).footer().lastOffset()).isEqualTo(3);
        assertThat(fixture.records.get(log.id()).value().segmentEndOffset()).isEqualTo(4);
        assertThat(log.stored().waiting().size()).isEqualTo(1);
        assertThat(fixture.wal().covered()).hasSize(4);
    }

    @Test
    void waitingRecordsBecomeASegmentWhenTheOldestIsOldEnough() {
        // Given
        append(10);
        fixture.time.advance(Duration.ofMinutes(5));
        append(10);

        // When
        fixture.time.advance(Duration.ofMinutes(4).plusSeconds(58));
        assertThat(fixture.written).isEmpty();
        fixture.time.advance(Duration.ofSeconds(3));

        // Then
        assertThat(fixture.written).hasSize(1);
        assertThat(log.stored().segmentEnd()).isEqualTo(2);
    }

    @Test
    void anIdlePartitionCostsNothing() {
        append(10);
        fixture.time.advance(Duration.ofMinutes(11));
        fixture.store.forget();
        int writes = fixture.records.writes();
        fixture.time.advance(Duration.ofMinutes(4));
        fixture.store.forget();
        fixture.time.advance(Duration.ofHours(11));
        assertThat(fixture.store.requests()).isEmpty();
        assertThat(fixture.records.writes()).isEqualTo(writes);
    }

    @Test
    void theIndexIsThatOfTheFileAndCarriesTheProducersUpToItsEnd() {
        // Given a producer in a first segment, another in a second one
        fixture.append(log, Batches.by(1, 0, 0, 3));
        fixture.wal().flush();
        fixture.time.advance(Duration.ofMinutes(11));
        fixture.append(log, Batches.by(2, 5, 0, 2));
        fixture.wal().flush();
        fixture.time.advance(Duration.ofMinutes(11));

        // Then
        SegmentIndex second = SegmentIndex.parse(ByteBuffer.wrap(fixture.store.bytes(index(3))), index(3));
        var identity = segment(3).identity(log.id().topicId(), 0);
        assertThat(second.matches(identity)).isTrue();
        ProducerStateSnapshot producers = second.extension().orElseThrow().producers();
        assertThat(producers.complete()).isTrue();
        assertThat(producers.producers())
                .extracting(entry -> entry.producerId())
                .containsExactly(1L, 2L);
    }

    @Test
    void chunksThatHaveLeftMemoryAreReadOnceForAllPartitionsInTheirObject() {
        // Given ten partitions with something in each of three WAL objects, none of it in memory
        use(SMALL.tail(0));
        List<PartitionLog> logs = new ArrayList<>(List.of(log));
        for (int i = 1; i < 10; i++) {
            logs.add(fixture.create(i));
        }
        for (int object = 0; object < 3; object++) {
            logs.forEach(each -> fixture.append(each, Batches.sized(START_MS, 50)));
            fixture.wal().flush();
        }
        fixture.store.forget();

        // When
        fixture.time.advance(Duration.ofMinutes(11));

        // Then
        assertThat(fixture.store.count("range")).isEqualTo(3);
        assertThat(fixture.store.count("put")).isEqualTo(20);
        assertThat(logs)
                .allSatisfy(each -> assertThat(each.stored().segmentEnd()).isEqualTo(3));
        fixture.wal().trim();
        assertThat(fixture.store.keys("test/.wal/")).isEmpty();
    }

    @Test
    void aLargeChunkDoesNotDragItsNeighboursAlong() {
        // Given two partitions with much in one object, one of which is due
        use(Knobs.defaults().tail(0).topic(Knobs.topic(1_500_000, Duration.ofMinutes(10))));
        PartitionLog other = fixture.create(1);
        fixture.append(other, Batches.sized(START_MS, 1_400_000));
        fixture.append(log, Batches.sized(START_MS, 1_600_000));
        fixture.store.forget();

        // When
        fixture.wal().flush();
        fixture.settle();

        // Then
        assertThat(log.stored().segmentEnd()).isEqualTo(1);
        assertThat(other.stored().segmentEnd()).isZero();
        assertThat(fixture.store.count("range")).isEqualTo(1);
        assertThat(fixture.store.count("get")).isZero();
    }

    @Test
    void transientFailuresAreRepeatedWithTheSameBytes() {
        // Given a store that loses every first answer
        List<String> seen = new ArrayList<>();
        fixture.store.loseAnswers(request -> request.operation().equals("put") && !seen.contains(request.key())
                ? remember(seen, request.key())
                : Optional.empty());

        // When
        append(5_000);
        fixture.time.advance(Duration.ofSeconds(30));

        // Then the second attempt finds its own object, and the partition goes on
        assertThat(log.stored().segmentEnd()).isEqualTo(1);
        assertThat(fixture.damages).isEmpty();
    }

    private static Optional<StorageException.Kind> remember(List<String> seen, String key) {
        seen.add(key);
        return Optional.of(StorageException.Kind.OUTCOME_UNKNOWN);
    }

    @Test
    void aStoreThatIsAwayForLongDelaysSegmentsAndNothingElse() {
        // Given
        fixture.store.fail(request -> Optional.of(StorageException.Kind.UNAVAILABLE));
        append(5_000);
        fixture.time.advance(Duration.ofMinutes(5));
        append(100);
        assertThat(log.highWatermark()).isEqualTo(2);
        assertThat(log.stored().segmentEnd()).isZero();

        // When
        fixture.store.heal();
        fixture.time.advance(Duration.ofSeconds(20));

        // Then
        assertThat(log.stored().segmentEnd()).isEqualTo(1);
    }

    @Test
    void aMetadataStoreThatIsAwayDelaysTheSegmentEnd() {
        // Given
        fixture.records.failWith(MetadataException.Kind.UNAVAILABLE);
        append(5_000);
        fixture.settle();
        assertThat(fixture.store.keys("test/orders/")).hasSize(2);
        assertThat(log.stored().segmentEnd()).isZero();
        assertThat(fixture.wal().covered()).isEmpty();

        // When it is back, the round is repeated and finds the segment there
        fixture.records.heal();
        fixture.time.advance(Duration.ofSeconds(20));

        // Then
        assertThat(log.stored().segmentEnd()).isEqualTo(1);
        assertThat(fixture.wal().covered()).hasSize(1);
    }

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
