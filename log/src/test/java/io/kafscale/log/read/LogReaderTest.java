package io.kafscale.log.read;

import static io.kafscale.log.fixture.LogFixture.START_MS;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.OffsetQuery;
import io.kafscale.log.fixture.Batches;
import io.kafscale.log.fixture.LogFixture.Knobs;
import io.kafscale.log.fixture.RecordingStore.Request;
import io.kafscale.log.partition.BatchSlices;
import io.kafscale.log.partition.PartitionLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class LogReaderTest extends ReadScenario {
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
    void anObjectThatIsGoneIsDamageOnlyOnceItIsCertainThatThisIsTheLeader() {
        // Given
        append(1);
        writeSegment();
        fixture.takeOver();
        log = fixture.log(0);
        fixture.store.remove(kfs(0));
        fixture.store.remove(index(0));
        fixture.session().leadership.doubt(CompletableFuture.failedFuture(new LogException(Kind.NOT_LEADER, "sealed")));

        // When
        assertThat(fixture.failure(read(0, 1))).isEqualTo(Kind.NOT_LEADER);
        assertThat(fixture.failure(fixture.session().offsets.lookup(log, new OffsetQuery.AtTime(START_MS))))
                .isEqualTo(Kind.NOT_LEADER);

        // Then
        fixture.session().leadership.confirm();
        assertThat(fixture.failure(read(0, 1))).isEqualTo(Kind.CORRUPT);
        assertThat(fixture.failure(fixture.session().offsets.lookup(log, new OffsetQuery.AtTime(START_MS))))
                .isEqualTo(Kind.CORRUPT);
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
                .map(each -> fixture.session().reader.read(each, 0, 1000, true, new Pins()))
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
            assertThat(fixture.get(fixture.session().reader.read(log, offset, 100, false, new Pins()))
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
    void aReaderThatComesToTheEndOfASegmentFindsTheNextOneOnItsWay() {
        // Given
        use(COLD.readAhead(2));
        append(8);
        writeSegment();
        append(8);
        writeSegment();
        fixture.takeOver();
        log = fixture.log(0);

        // When a reader goes on up to the end of the first segment
        long next = 0;
        while (next < 80) {
            next = fixture.get(read(next, 4_000)).nextOffset();
        }
        fixture.settle();
        fixture.store.forget();

        // Then the second one costs nothing any more at its start
        assertThat(read(next, 1)).isDone();
        assertThat(fixture.store.requests())
                .filteredOn(r -> r.name().endsWith(".index"))
                .isEmpty();
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
        // Given a reader that resolved its offset to a WAL object, in a request that takes long
        append(1);
        String walKey = fixture.layout.walKey(fixture.session().stream, 1);
        fixture.store.latency(Duration.ofMinutes(20));
        var late = read(0, 1000);
        fixture.store.latency(Duration.ofMillis(10));

        // When the chunk becomes part of a segment and its object is deleted before the request is carried out
        writeSegment();
        fixture.store.remove(walKey);
        assertThat(late).isNotDone();

        // Then
        assertThat(offsets(fixture.get(late))).hasSize(10);
    }
}
