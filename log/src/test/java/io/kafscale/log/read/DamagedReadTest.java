package io.kafscale.log.read;

import static io.kafscale.log.fixture.LogFixture.START_MS;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.format.ProducerStateSnapshot;
import io.kafscale.format.RecordBatchView;
import io.kafscale.format.segment.IndexSource;
import io.kafscale.format.segment.SegmentFile;
import io.kafscale.format.segment.SegmentFooter;
import io.kafscale.format.segment.SegmentIndex;
import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.fixture.Batches;
import io.kafscale.log.fixture.LogFixture;
import io.kafscale.log.segment.SegmentReindex;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.objectstore.StorageException;
import io.kafscale.runtime.FutureFailure;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What is damaged, overlaps, is missing or was written by others. */
class DamagedReadTest extends ReadScenario {
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
        return future.handle((value, failure) -> FutureFailure.cause(failure).getMessage())
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
