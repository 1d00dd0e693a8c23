package io.kafscale.log.read;

import static io.kafscale.log.fixture.LogFixture.START_MS;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.format.ProducerStateSnapshot;
import io.kafscale.format.RecordBatchView;
import io.kafscale.format.segment.IndexSource;
import io.kafscale.format.segment.SegmentFile;
import io.kafscale.format.segment.SegmentFooter;
import io.kafscale.format.segment.SegmentIndex;
import io.kafscale.log.AppendRequest.Acknowledge;
import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.fixture.Batches;
import io.kafscale.log.fixture.LogFixture;
import io.kafscale.log.fixture.LogFixture.Knobs;
import io.kafscale.log.fixture.RecordingStore.Request;
import io.kafscale.log.internal.LoopFutures;
import io.kafscale.log.partition.BatchSlices;
import io.kafscale.log.partition.PartitionLog;
import io.kafscale.log.segment.SegmentReindex;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.objectstore.StorageException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class LogReaderTest {
    private static final Knobs COLD =
            Knobs.defaults().tail(0).blocks(4 << 10).readAhead(0).topic(Knobs.topic(1 << 20, Duration.ofMinutes(10)));

    private LogFixture fixture = new LogFixture(COLD);
    private PartitionLog log = fixture.create(0);

    private void use(Knobs knobs) {
        fixture = new LogFixture(knobs);
        log = fixture.create(0);
    }

    /** Batches of ten records, each batch about 1 KiB, in one WAL object each. */
    private void append(int batches) {
        for (int i = 0; i < batches; i++) {
            long first = log.logEnd();
            String[] values = IntStream.range(0, 10)
                    .mapToObj(n -> "%090d".formatted(first + n))
                    .toArray(String[]::new);
            fixture.append(log, Batches.of(START_MS + first, values), Acknowledge.ASSIGNED);
            fixture.wal().flush();
        }
    }

    private void writeSegment() {
        fixture.time.advance(Duration.ofMinutes(11));
        assertThat(log.stored().segmentEnd()).isEqualTo(log.logEnd());
    }

    private CompletableFuture<BatchSlices> read(long offset, int maxBytes) {
        return fixture.session().reader.read(log, offset, maxBytes, true);
    }

    private List<Long> offsets(BatchSlices read) {
        return Batches.records(read.slices()).stream().map(Batches.Read::offset).toList();
    }

    private void assertWhole(long from) {
        assertThat(fixture.readAll(log, from, 3_000))
                .extracting(Batches.Read::offset)
                .containsExactlyElementsOf(
                        LongStream.range(from, log.highWatermark()).boxed().toList());
        assertThat(fixture.readAll(log, from, 3_000))
                .allSatisfy(record -> assertThat(Long.parseLong(record.value())).isEqualTo(record.offset()));
    }

    private String kfs(long base) {
        return log.stored().place().segmentKey(fixture.layout, base);
    }

    private String index(long base) {
        return log.stored().place().indexKey(fixture.layout, base);
    }

    private void flipBit(String key, int position) {
        byte[] bytes = fixture.store.bytes(key);
        bytes[position] ^= 4;
        fixture.store.overwrite(key, bytes);
    }

    @Test
    void aConsumerAtTheTailCostsNoRequest() {
        // Given
        use(Knobs.defaults());
        fixture.store.forget();

        // When
        for (int i = 0; i < 100; i++) {
            append(1);
            assertThat(offsets(fixture.get(read(10L * i, 1 << 20)))).hasSize(10);
        }

        // Then
        assertThat(fixture.store.requests()).isEmpty();
    }

    @Test
    void aConsumerAtTheTailStillCostsNothingRightAfterASegmentWasWritten() {
        use(Knobs.defaults());
        append(20);
        fixture.time.advance(Duration.ofHours(1).plusMinutes(1));
        assertThat(log.stored().segmentEnd()).isEqualTo(200);
        fixture.store.forget();
        assertThat(offsets(fixture.get(read(150, 1 << 20)))).hasSize(50);
        assertThat(fixture.store.requests()).isEmpty();
    }

    @Test
    void aColdReadListsOnceThenReadsTheIndexAndBlocks() {
        // Given a segment of about fifteen blocks, and a broker that has just started
        append(60);
        writeSegment();
        fixture.takeOver();
        log = fixture.log(0);
        fixture.store.forget();

        // When
        fixture.get(read(0, 1));
        assertThat(fixture.store.requests()).extracting(Request::operation).containsExactly("list", "get", "range");
        fixture.store.forget();

        // Then a second read of the same block costs nothing, another block one request
        fixture.get(read(3, 1));
        assertThat(fixture.store.requests()).isEmpty();
        fixture.get(read(500, 1));
        assertThat(fixture.store.requests()).extracting(Request::operation).containsExactly("range");
    }

    @Test
    void tenReadersOfOnePlaceCostOneRequest() {
        // Given
        append(60);
        writeSegment();
        fixture.get(read(590, 1));
        fixture.store.forget();

        // When
        List<CompletableFuture<BatchSlices>> reads = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            reads.add(read(0, 500));
        }
        reads.forEach(fixture::get);

        // Then
        assertThat(fixture.store.requests()).hasSize(1);
        assertThat(fixture.session().cache.statistics().joins()).isGreaterThanOrEqualTo(9);
    }

    @Test
    void aWalObjectIsFetchedWholeAndOnceForAllPartitionsInIt() {
        // Given five partitions in one object
        List<PartitionLog> logs = new ArrayList<>(List.of(log));
        for (int i = 1; i < 5; i++) {
            logs.add(fixture.create(i));
        }
        logs.forEach(each ->
                fixture.append(each, Batches.of(START_MS, "of " + each.id().partition())));
        fixture.wal().flush();
        fixture.store.forget();

        // When all are read
        var reads = logs.stream()
                .map(each -> fixture.session().reader.read(each, 0, 1000, true))
                .toList();

        // Then
        for (int i = 0; i < 5; i++) {
            assertThat(Batches.records(fixture.get(reads.get(i)).slices()))
                    .extracting(Batches.Read::value)
                    .containsExactly("of " + i);
        }
        assertThat(fixture.store.requests()).extracting(Request::operation).containsExactly("get");
    }

    /** DESIGN §8 item 9. */
    @Test
    void aReadInsideABatchStartsAtThatBatchWhereverItLies() {
        // Given batches of ten in a segment, in WAL objects and in memory
        use(COLD.tail(1_500));
        append(2);
        writeSegment();
        append(3);
        for (long offset = 0; offset < 50; offset++) {
            BatchSlices read = fixture.get(read(offset, 1));
            assertThat(offsets(read)).hasSize(10).startsWith(offset / 10 * 10);
            assertThat(read.nextOffset()).isEqualTo(offset / 10 * 10 + 10);
        }
    }

    @Test
    void everyPlaceHonoursTheBoundAndTheOneBatchRule() {
        use(COLD.tail(6_000));
        append(10);
        writeSegment();
        append(10);
        for (long offset : new long[] {0, 55, 120, 199}) {
            assertThat(fixture.get(fixture.session().reader.read(log, offset, 100, false))
                            .isEmpty())
                    .isTrue();
            assertThat(offsets(fixture.get(read(offset, 100)))).hasSize(10);
            assertThat(fixture.get(read(offset, 2_500)).bytes()).isLessThanOrEqualTo(2_500);
        }
    }

    @Test
    void theWholeLogIsReadThroughSegmentsWalAndMemory() {
        use(COLD.tail(3_000));
        append(30);
        writeSegment();
        append(20);
        writeSegment();
        append(10);
        assertWhole(0);
        fixture.takeOver();
        log = fixture.log(0);
        assertWhole(0);
        assertWhole(333);
    }

    @Test
    void nothingBeyondTheHighWatermarkIsReadFromAWalObject() {
        // Given an object that has landed with a second chunk not acknowledged yet
        append(1);
        fixture.append(log, Batches.of(START_MS, "unacknowledged"));
        fixture.wal().put();
        assertThat(offsets(fixture.get(read(0, 1 << 20)))).hasSize(10);
        assertThat(fixture.get(read(10, 1 << 20)).isEmpty()).isTrue();
    }

    @Test
    void aReaderThatGoesOnIsReadAhead() {
        // Given
        use(COLD.readAhead(2));
        append(60);
        writeSegment();
        long next = fixture.get(read(0, 4_000)).nextOffset();
        fixture.settle();
        fixture.store.forget();

        // When it goes on
        next = fixture.get(read(next, 4_000)).nextOffset();
        fixture.settle();

        // Then the blocks behind are on their way, and the next read finds its block there
        assertThat(fixture.store.requests()).hasSizeGreaterThanOrEqualTo(3);
        fixture.store.forget();
        assertThat(read(next, 2_000)).isDone();
        fixture.session().reader.readAhead(0);
        fixture.store.forget();
        fixture.get(read(next, 2_000));
        fixture.settle();
        assertThat(fixture.store.requests()).isEmpty();
    }

    @Test
    void aScanOfTheWholeLogDoesNotEvictWhatOthersShare() {
        // Given a cache of 24 KiB, a block that is read often, and a log of 60 KiB
        use(COLD.cache(24 << 10));
        append(60);
        writeSegment();
        fixture.get(read(0, 1));
        fixture.get(read(0, 1));

        // When somebody scans it all
        assertWhole(0);
        fixture.store.forget();

        // Then
        fixture.get(read(0, 1));
        assertThat(fixture.store.requests()).isEmpty();
    }

    @Test
    void aLaggingReaderDoesNotEvictTheTail() {
        use(COLD.tail(20_000).cache(8 << 10));
        append(60);
        writeSegment();
        append(5);
        assertWhole(0);
        fixture.store.forget();
        assertThat(fixture.readAll(log, 600, 10_000)).hasSize(50);
        assertThat(fixture.store.requests()).isEmpty();
    }

    @Test
    void anObjectThatWasTrimmedUnderAReaderIsFoundInItsSegment() {
        // Given a reader that resolved its offset to a WAL object
        append(1);
        var read = read(0, 1000);

        // When the chunk becomes part of a segment and its object is deleted before the request is carried out
        String walKey = fixture.layout.walKey(fixture.session().stream, 1);
        fixture.store.latency(Duration.ofMinutes(20));
        var late = read(0, 1000);
        assertThat(late).isNotDone();
        fixture.store.latency(Duration.ofMillis(10));
        writeSegment();
        fixture.store.remove(walKey);

        // Then
        assertThat(offsets(fixture.get(read))).hasSize(10);
        assertThat(offsets(fixture.get(late))).hasSize(10);
    }

    @Test
    void overlappingSegmentsAreReadAsOne() {
        // Given segments 0..299 and, left by a leader that was slow to notice, 100..399
        append(30);
        writeSegment();
        append(20);
        writeSegment();
        plantOverlap(100, 399);
        fixture.takeOver();
        log = fixture.log(0);

        // Then
        assertWhole(0);
        assertWhole(250);
        assertWhole(399);
    }

    @Test
    void aSegmentInsideAnotherHidesNothing() {
        append(30);
        writeSegment();
        plantOverlap(100, 149);
        fixture.takeOver();
        log = fixture.log(0);
        assertWhole(0);
        assertWhole(120);
        assertWhole(200);
    }

    /** A segment of its own that repeats what other segments have. */
    private void plantOverlap(long from, long to) {
        var batches = new ArrayList<ByteBuffer>();
        for (long base : List.of(0L, 300L)) {
            if (fixture.store.keys(kfs(base)).isEmpty()) {
                continue;
            }
            SegmentFile.parse(ByteBuffer.wrap(fixture.store.bytes(kfs(base))), "test")
                    .forEachBatch((batch, position) -> {
                        if (batch.baseOffset() >= from && batch.lastOffset() <= to) {
                            batches.add(batch.slice());
                        }
                    });
        }
        SegmentFile file = SegmentFile.encode(batches, from, START_MS);
        ByteBuffer bytes = ByteBuffer.allocate(file.length());
        file.buffers().forEach(bytes::put);
        fixture.store.overwrite(kfs(from), bytes.array());
    }

    /** DESIGN §8 item 6. */
    @Test
    void aTornIndexIsRebuiltFromItsSegmentAndOnlyAnOperatorReplacesIt() {
        // Given
        append(30);
        writeSegment();
        byte[] intact = fixture.store.bytes(index(0));
        fixture.store.overwrite(index(0), Arrays.copyOf(intact, intact.length / 2));
        fixture.takeOver();
        log = fixture.log(0);

        // When
        assertWhole(0);

        // Then the broker has not touched it
        assertThat(fixture.store.bytes(index(0))).hasSize(intact.length / 2);
        var reindex = new SegmentReindex(fixture.store, fixture.layout);
        assertThat(fixture.get(reindex.reindex(log.stored().place(), 0))).isEqualTo(SegmentReindex.Outcome.REPLACED);
        assertThat(fixture.store.bytes(index(0)).length).isNotEqualTo(intact.length / 2);
        assertThat(fixture.get(reindex.reindex(log.stored().place(), 0))).isEqualTo(SegmentReindex.Outcome.INTACT);
    }

    /** DESIGN §8 item 6. */
    @Test
    void aMissingIndexIsRebuiltAndWritten() {
        append(30);
        writeSegment();
        fixture.store.remove(index(0));
        fixture.takeOver();
        log = fixture.log(0);
        assertWhole(0);
        fixture.settle();
        assertThat(SegmentIndex.parse(ByteBuffer.wrap(fixture.store.bytes(index(0))), index(0))
                        .extension())
                .isPresent();
        fixture.store.remove(index(0));
        var reindex = new SegmentReindex(fixture.store, fixture.layout);
        assertThat(fixture.get(reindex.reindex(log.stored().place(), 0))).isEqualTo(SegmentReindex.Outcome.CREATED);
    }

    @Test
    void anIndexOfAnotherSegmentIsNotBelieved() {
        append(10);
        writeSegment();
        append(20);
        writeSegment();
        fixture.store.overwrite(index(0), fixture.store.bytes(index(100)));
        fixture.takeOver();
        log = fixture.log(0);
        assertWhole(0);
    }

    @Test
    void anIndexThatOthersWroteIsUsedAndIfItMisleadsRebuilt() {
        // Given an index without extension
        append(30);
        writeSegment();
        SegmentIndex plain = SegmentIndex.parse(ByteBuffer.wrap(fixture.store.bytes(index(0))), index(0))
                .withoutExtension();
        byte[] bytes = new byte[plain.encode().remaining()];
        plain.encode().get(bytes);
        fixture.store.overwrite(index(0), bytes);
        fixture.takeOver();
        log = fixture.log(0);
        fixture.store.forget();
        assertWhole(0);
        assertThat(fixture.store.requests())
                .noneMatch(r -> r.operation().equals("get") && r.name().endsWith(".kfs"));

        // When a position in it is off by one, which nothing in it shows
        assertThat(plain.entries()).hasSizeGreaterThan(1);
        bytes[SegmentIndex.HEADER_BYTES + SegmentIndex.ENTRY_BYTES + 11] ^= 1;
        fixture.store.overwrite(index(0), bytes);
        fixture.takeOver();
        log = fixture.log(0);

        // Then
        assertWhole(0);
    }

    @Test
    void aFlippedBitInASegmentCostsTheBatchItIsInAndNothingElse() {
        // Given a bit flipped in each part of the batch 100..109: header fields, checksum, records
        append(30);
        writeSegment();
        int position = positionOf(100);
        byte[] intact = fixture.store.bytes(kfs(0));
        for (int inBatch : new int[] {0, 7, 8, 11, 12, 15, 16, 17, 22, 26, 40, 58, 61, 500}) {
            fixture.store.overwrite(kfs(0), intact);
            flipBit(kfs(0), position + inBatch);
            fixture.takeOver();
            log = fixture.log(0);

            // Then it is named, and its neighbours are served
            assertThat(offsets(fixture.get(read(90, 1 << 20)))).startsWith(90L).endsWith(99L);
            assertThat(fixture.failure(read(100, 1 << 20))).isEqualTo(Kind.CORRUPT);
            assertThat(messageOf(read(109, 1 << 20))).contains(kfs(0)).contains("position=" + position);
            assertThat(offsets(fixture.get(read(110, 1 << 20)))).startsWith(110L);
        }
    }

    private int positionOf(long baseOffset) {
        var found = new int[1];
        SegmentFile.parse(ByteBuffer.wrap(fixture.store.bytes(kfs(0))), "test").forEachBatch((batch, position) -> {
            if (batch.baseOffset() == baseOffset) {
                found[0] = position;
            }
        });
        return found[0];
    }

    private String messageOf(CompletableFuture<?> future) {
        assertThat(fixture.failure(future)).isEqualTo(Kind.CORRUPT);
        return future.handle((value, failure) -> LoopFutures.unwrap(failure).getMessage())
                .join();
    }

    @Test
    void aFlippedBitInAWalObjectCostsTheBatchItIsInAndNothingElse() {
        // Given three batches in one object
        fixture.append(
                log,
                Batches.joined(
                        Batches.of(START_MS, "first"), Batches.of(START_MS, "second"), Batches.of(START_MS, "third")));
        fixture.wal().flush();
        var chunk = fixture.chunksOf(0).getFirst().chunk();
        String key = fixture.layout.walKey(fixture.session().stream, 1);
        flipBit(key, chunk.batches().get(1).position() + RecordBatchView.HEADER_BYTES + 3);

        // Then
        assertThat(offsets(fixture.get(read(0, 1000)))).containsExactly(0L);
        assertThat(messageOf(read(1, 1000)))
                .contains(key)
                .contains("position=" + chunk.batches().get(1).position());
        assertThat(offsets(fixture.get(read(2, 1000)))).containsExactly(2L);
    }

    @Test
    void aDamagedHeaderOrFooterOfASegmentCostsNothing() {
        append(30);
        writeSegment();
        flipBit(kfs(0), 20);
        flipBit(kfs(0), fixture.store.bytes(kfs(0)).length - SegmentFooter.BYTES + 2);
        fixture.takeOver();
        log = fixture.log(0);
        assertWhole(0);
    }

    @Test
    void aTruncatedSegmentServesWhatIsLeft() {
        // Given
        append(30);
        writeSegment();
        byte[] whole = fixture.store.bytes(kfs(0));
        fixture.store.overwrite(kfs(0), Arrays.copyOf(whole, positionOf(200) + 30));
        fixture.takeOver();
        log = fixture.log(0);

        // Then
        assertThat(offsets(fixture.get(read(150, 1 << 20)))).startsWith(150L);
        assertThat(fixture.failure(read(205, 1 << 20))).isEqualTo(Kind.CORRUPT);
    }

    @Test
    void aMissingSegmentIsNamedAndItsNeighboursAreServed() {
        append(10);
        writeSegment();
        append(10);
        writeSegment();
        append(10);
        writeSegment();
        fixture.store.remove(kfs(100));
        fixture.takeOver();
        log = fixture.log(0);
        assertThat(offsets(fixture.get(read(95, 1000)))).startsWith(90L);
        assertThat(messageOf(read(150, 1000))).contains("offset 150");
        assertThat(offsets(fixture.get(read(205, 1000)))).startsWith(200L);
        fixture.store.forget();
        assertThat(fixture.failure(read(150, 1000))).isEqualTo(Kind.CORRUPT);
        assertThat(fixture.failure(read(150, 1000))).isEqualTo(Kind.CORRUPT);
        assertThat(fixture.store.count("list")).isLessThanOrEqualTo(1);
    }

    @Test
    void aStoreThatFailsIsUnavailableAndNotDamage() {
        append(1);
        fixture.store.fail(request -> Optional.of(StorageException.Kind.UNAVAILABLE));
        assertThat(fixture.failure(read(0, 1000))).isEqualTo(Kind.STORAGE_UNAVAILABLE);
        fixture.store.heal();
        assertThat(offsets(fixture.get(read(0, 1000)))).hasSize(10);
    }

    @Test
    void aReadUnderWhichTheLogStartMovesIsOutOfRange() {
        // Given
        append(1);
        fixture.store.latency(Duration.ofSeconds(2));
        var read = read(0, 1000);

        // When everything is deleted meanwhile
        fixture.get(log.stored().advanceLogStart(10));
        fixture.store.remove(fixture.layout.walKey(fixture.session().stream, 1));

        // Then
        assertThat(fixture.failure(read)).isEqualTo(Kind.OFFSET_OUT_OF_RANGE);
    }

    @Test
    void aReadOfAPartitionThatIsLostSaysSo() {
        append(1);
        fixture.store.fail(request -> Optional.of(StorageException.Kind.NOT_FOUND));
        var read = read(0, 1000);
        log.close(new LogException(Kind.NOT_LEADER, "fenced"));
        assertThat(fixture.failure(read)).isEqualTo(Kind.NOT_LEADER);
    }

    /** DESIGN §8 item 11. */
    @Test
    void findingTheNewestSegmentCostsTheSameWithTenOrThousandsOfSegments() {
        assertThat(requestsOfFirstIdempotentAppend(10)).isEqualTo(requestsOfFirstIdempotentAppend(1500));
    }

    private int requestsOfFirstIdempotentAppend(int segments) {
        // Given segments of a million records each, as far as their keys tell, and one real one at the end
        use(COLD);
        fixture.append(log, Batches.by(1, 0, 0, 1));
        fixture.wal().flush();
        writeSegment();
        byte[] kfs = fixture.store.bytes(kfs(0));
        fixture.store.remove(kfs(0));
        fixture.store.remove(index(0));
        long base = segments * 1_000_000L;
        for (int i = 0; i < segments; i++) {
            fixture.store.overwrite(kfs(i * 1_000_000L), new byte[0]);
            fixture.store.overwrite(index(i * 1_000_000L), new byte[0]);
        }
        SegmentFile old = SegmentFile.parse(ByteBuffer.wrap(kfs), "test");
        var moved = new ArrayList<ByteBuffer>();
        old.forEachBatch((batch, position) -> {
            ByteBuffer copy =
                    ByteBuffer.allocate(batch.sizeInBytes()).put(batch.slice()).flip();
            RecordBatchView.at(copy, 0, "test").setBaseOffset(base);
            moved.add(copy);
        });
        SegmentFile file = SegmentFile.encode(moved, base, START_MS);
        ByteBuffer bytes = ByteBuffer.allocate(file.length());
        file.buffers().forEach(bytes::put);
        fixture.store.overwrite(kfs(base), bytes.array());
        ByteBuffer index = SegmentIndex.build(
                        file, new IndexSource(LogFixture.TOPIC, 0, 1, ProducerStateSnapshot.EMPTY))
                .encode();
        byte[] indexBytes = new byte[index.remaining()];
        index.get(indexBytes);
        fixture.store.overwrite(index(base), indexBytes);
        var record = fixture.records.get(log.id()).value();
        fixture.records.put(new PartitionRecord(
                record.topicId(),
                0,
                record.leader(),
                0,
                0,
                base + 1,
                List.of(io.kafscale.metastore.cluster.Tenure.open(
                        0, java.util.Objects.requireNonNull(record.leader()), 0))));
        fixture.store.keys("test/.wal/").forEach(fixture.store::remove);
        fixture.takeOver();
        log = fixture.log(0);
        fixture.store.forget();

        // When
        var duplicate = fixture.append(log, Batches.by(1, 0, 0, 1));

        // Then the producer of the last segment is known
        assertThat(fixture.get(duplicate).baseOffset()).isEqualTo(base);
        return fixture.store.requests().size();
    }
}
