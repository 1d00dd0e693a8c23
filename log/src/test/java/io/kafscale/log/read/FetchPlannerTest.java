package io.kafscale.log.read;

import static io.kafscale.log.fixture.LogFixture.START_MS;
import static io.kafscale.log.fixture.LogFixture.part;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.log.EpochEnd;
import io.kafscale.log.FetchQuery;
import io.kafscale.log.FetchResult;
import io.kafscale.log.LogException;
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
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class FetchPlannerTest {
    private static final int MIB = 1 << 20;

    private LogFixture fixture = new LogFixture();
    private PartitionLog first = fixture.create(0);
    private PartitionLog second = fixture.create(1);

    private void use(Knobs knobs) {
        fixture = new LogFixture(knobs);
        first = fixture.create(0);
        second = fixture.create(1);
    }

    private void append(PartitionLog log, int bytes) {
        fixture.append(log, Batches.sized(START_MS, bytes));
        fixture.wal().flush();
    }

    private CompletableFuture<FetchResult> fetch(FetchQuery query) {
        return fixture.session().fetches.fetch(query);
    }

    private static FetchResult.Records records(FetchResult result, int i) {
        if (result.parts().get(i) instanceof FetchResult.Records records) {
            return records;
        }
        throw new AssertionError("part " + i + " is " + result.parts().get(i));
    }

    private static Kind failed(FetchResult result, int i) {
        if (result.parts().get(i) instanceof FetchResult.Failed failed) {
            return failed.cause().kind();
        }
        throw new AssertionError("part " + i + " is " + result.parts().get(i));
    }

    @Test
    void aFetchIsParkedUntilTheHighWatermarkMoves() {
        // Given
        var fetch = fetch(fixture.fetch(1, MIB, Duration.ofMinutes(5), part(0, 0, MIB)));
        fixture.append(first, Batches.of(START_MS, "a"));
        fixture.settle();
        assertThat(fetch).isNotDone();
        assertThat(fixture.session().fetches.parked()).isEqualTo(1);

        // When
        fixture.wal().flush();

        // Then
        FetchResult.Records records = records(fixture.get(fetch), 0);
        assertThat(Batches.records(records.records()))
                .extracting(Batches.Read::value)
                .containsExactly("a");
        assertThat(records.highWatermark()).isEqualTo(1);
        assertThat(fixture.session().fetches.parked()).isZero();
    }

    @Test
    void aParkedFetchCostsNothingUntilItsDeadline() {
        // Given
        fixture.store.forget();
        var fetch = fetch(fixture.fetch(1, MIB, Duration.ofMillis(500), part(0, 0, MIB), part(1, 0, MIB)));

        // When
        fixture.time.advance(Duration.ofMillis(499));
        assertThat(fetch).isNotDone();
        fixture.time.advance(Duration.ofMillis(10));

        // Then
        FetchResult result = fixture.get(fetch);
        assertThat(result.parts()).hasSize(2);
        assertThat(records(result, 0).sizeInBytes()).isZero();
        assertThat(fixture.store.requests()).isEmpty();
        assertThat(fixture.session().deadlines.size()).isZero();
    }

    @Test
    void minBytesAreCountedOverAllPartitions() {
        // Given
        var fetch = fetch(fixture.fetch(2_000, MIB, Duration.ofMinutes(5), part(0, 0, MIB), part(1, 0, MIB)));
        append(first, 1_000);
        fixture.settle();
        assertThat(fetch).isNotDone();

        // When
        append(second, 1_000);

        // Then
        FetchResult result = fixture.get(fetch);
        assertThat(records(result, 0).sizeInBytes()).isGreaterThan(1_000);
        assertThat(records(result, 1).sizeInBytes()).isGreaterThan(1_000);
    }

    @Test
    void allPartitionsOfOneObjectAreInTheAnswer() {
        // Given
        var fetch = fetch(fixture.fetch(1, MIB, Duration.ofMinutes(5), part(0, 0, MIB), part(1, 0, MIB)));

        // When one object moves both high watermarks
        fixture.append(first, Batches.of(START_MS, "a"));
        fixture.append(second, Batches.of(START_MS, "b"));
        fixture.wal().flush();

        // Then
        FetchResult result = fixture.get(fetch);
        assertThat(records(result, 0).sizeInBytes()).isPositive();
        assertThat(records(result, 1).sizeInBytes()).isPositive();
    }

    @Test
    void whatIsThereAlreadyCountsTowardsMinBytes() {
        append(first, 1_000);
        append(first, 1_000);
        assertThat(fetch(fixture.fetch(2_000, MIB, Duration.ofMinutes(5), part(0, 0, MIB))))
                .isDone();
        assertThat(fetch(fixture.fetch(2_000, MIB, Duration.ofMinutes(5), part(0, 1, MIB))))
                .isNotDone();
    }

    @Test
    void maxBytesBoundsTheWholeAnswerAndTheFirstBatchComesInAnyCase() {
        // Given two batches of about 1,070 bytes in each partition
        for (int i = 0; i < 2; i++) {
            append(first, 1_000);
            append(second, 1_000);
        }

        // Then
        FetchResult one = fixture.get(fetch(fixture.fetch(1, 10, Duration.ZERO, part(0, 0, MIB), part(1, 0, MIB))));
        assertThat(Batches.views(records(one, 0).records())).hasSize(1);
        assertThat(records(one, 1).sizeInBytes()).isZero();

        FetchResult three =
                fixture.get(fetch(fixture.fetch(1, 3_300, Duration.ZERO, part(0, 0, MIB), part(1, 0, MIB))));
        assertThat(Batches.views(records(three, 0).records())).hasSize(2);
        assertThat(Batches.views(records(three, 1).records())).hasSize(1);

        FetchResult each = fixture.get(fetch(fixture.fetch(1, MIB, Duration.ZERO, part(0, 0, 10), part(1, 0, 10))));
        assertThat(Batches.views(records(each, 0).records())).hasSize(1);
        assertThat(records(each, 1).sizeInBytes()).isZero();
    }

    @Test
    void theOneBatchRuleGoesToTheFirstPartitionThatHasOne() {
        append(second, 1_000);
        FetchResult result = fixture.get(fetch(fixture.fetch(1, 10, Duration.ZERO, part(0, 0, 10), part(1, 0, 10))));
        assertThat(records(result, 0).sizeInBytes()).isZero();
        assertThat(Batches.views(records(result, 1).records())).hasSize(1);
    }

    @Test
    void anOffsetInsideABatchGetsThatBatch() {
        fixture.append(first, Batches.of(START_MS, "a", "b", "c"));
        fixture.wal().flush();
        FetchResult result = fixture.get(fetch(fixture.fetchNow(1, MIB)));
        assertThat(Batches.records(records(result, 0).records()))
                .extracting(Batches.Read::offset)
                .containsExactly(0L, 1L, 2L);
    }

    @Test
    void atTheHighWatermarkThereIsNothingAndOutsideTheLogAnError() {
        // Given a record that is durable and one that is not
        append(first, 10);
        fixture.append(first, Batches.of(START_MS, "pending"));
        fixture.get(first.stored().advanceLogStart(1));

        // Then as in Kafka an offset up to the log end is waited for
        assertThat(records(fixture.get(fetch(fixture.fetchNow(1, MIB))), 0).sizeInBytes())
                .isZero();
        assertThat(records(fixture.get(fetch(fixture.fetchNow(2, MIB))), 0).sizeInBytes())
                .isZero();
        assertThat(failed(fixture.get(fetch(fixture.fetchNow(3, MIB))), 0)).isEqualTo(Kind.OFFSET_OUT_OF_RANGE);
        assertThat(failed(fixture.get(fetch(fixture.fetchNow(0, MIB))), 0)).isEqualTo(Kind.OFFSET_OUT_OF_RANGE);
    }

    @Test
    void anOffsetIsBeyondTheEndOnlyOnceItIsCertainThatThisIsTheLeader() {
        // Given
        append(first, 100);
        var asked = new CompletableFuture<Void>();
        fixture.session().leadership.doubt(asked);

        // When
        var beyond = fetch(fixture.fetchNow(5, MIB));
        fixture.settle();

        // Then
        assertThat(beyond).isNotDone();
        asked.complete(null);
        assertThat(failed(fixture.get(beyond), 0)).isEqualTo(Kind.OFFSET_OUT_OF_RANGE);
        fixture.session().leadership.doubt(CompletableFuture.failedFuture(new LogException(Kind.NOT_LEADER, "sealed")));
        assertThat(failed(fixture.get(fetch(fixture.fetchNow(5, MIB))), 0)).isEqualTo(Kind.NOT_LEADER);
    }

    @Test
    void anOffsetBeyondTheEndWaitsForCertaintyNoLongerThanForTheStore() {
        // Given
        append(first, 100);
        fixture.session().leadership.doubt(new CompletableFuture<>());

        // When
        var beyond = fetch(fixture.fetchNow(5, MIB));
        fixture.time.advance(Duration.ofSeconds(11));

        // Then
        assertThat(failed(fixture.get(beyond), 0)).isEqualTo(Kind.TIMED_OUT);
    }

    @Test
    void anErrorInOnePartitionAnswersAtOnceWithWhatTheOthersHave() {
        // Given
        append(first, 10);

        // When
        FetchResult result = fixture.get(fetch(
                fixture.fetch(MIB, MIB, Duration.ofMinutes(5), part(0, 0, MIB), part(7, 0, MIB), part(1, 0, MIB))));

        // Then
        assertThat(records(result, 0).sizeInBytes()).isPositive();
        assertThat(failed(result, 1)).isEqualTo(Kind.UNKNOWN_PARTITION);
        assertThat(records(result, 2).sizeInBytes()).isZero();
        assertThat(fixture.time.nanoTime()).isLessThan(Duration.ofSeconds(1).toNanos());
    }

    @Test
    void aClientWithAnotherEpochIsToldSo() {
        fixture.takeOver();
        var stale = new FetchQuery.Part(first.id(), 0, MIB, OptionalInt.of(0), OptionalInt.empty());
        var ahead = new FetchQuery.Part(second.id(), 0, MIB, OptionalInt.of(5), OptionalInt.empty());
        FetchResult result = fixture.get(fetch(fixture.fetch(1, MIB, Duration.ZERO, stale, ahead)));
        assertThat(failed(result, 0)).isEqualTo(Kind.FENCED_LEADER_EPOCH);
        assertThat(failed(result, 1)).isEqualTo(Kind.UNKNOWN_LEADER_EPOCH);
    }

    @Test
    void aPartitionThatIsLostWakesWhoeverWaitsForIt() {
        // Given
        var fetch = fetch(fixture.fetch(1, MIB, Duration.ofMinutes(5), part(0, 0, MIB), part(1, 0, MIB)));

        // When
        first.close(new LogException(Kind.NOT_LEADER, "fenced"));

        // Then
        assertThat(failed(fixture.get(fetch), 0)).isEqualTo(Kind.NOT_LEADER);
    }

    @Test
    void aClientWhoseLogDivergesIsToldWhere() {
        // Given epoch 0 with one record here and epoch 1 with another
        append(first, 10);
        fixture.takeOver();
        append(fixture.log(0), 10);

        // Then a client that has two records of epoch 0 learns that it ended at 1
        var diverging = new FetchQuery.Part(first.id(), 2, MIB, OptionalInt.empty(), OptionalInt.of(0));
        FetchResult result = fixture.get(fetch(fixture.fetch(1, MIB, Duration.ofMinutes(5), diverging)));
        assertThat(records(result, 0).divergence()).contains(new EpochEnd(0, 1));
        assertThat(records(result, 0).sizeInBytes()).isZero();

        // and one that agrees is parked like any other
        var agreeing = new FetchQuery.Part(first.id(), 2, MIB, OptionalInt.empty(), OptionalInt.of(1));
        var parked = fetch(fixture.fetch(1, MIB, Duration.ofMinutes(5), agreeing));
        assertThat(parked).isNotDone();
        append(fixture.log(0), 10);
        assertThat(records(fixture.get(parked), 0).divergence()).isEmpty();
    }

    @Test
    void partitionsAreReadFromTheStoreAtTheSameTime() {
        // Given nothing in memory
        use(Knobs.defaults().tail(0));
        append(first, 1_000);
        append(second, 1_000);
        fixture.store.latency(Duration.ofMillis(300));
        long before = fixture.time.nanoTime();

        // When
        FetchResult result = fixture.get(fetch(fixture.fetch(1, MIB, Duration.ZERO, part(0, 0, MIB), part(1, 0, MIB))));

        // Then
        assertThat(records(result, 0).sizeInBytes()).isPositive();
        assertThat(records(result, 1).sizeInBytes()).isPositive();
        assertThat(fixture.time.nanoTime() - before)
                .isLessThan(Duration.ofMillis(400).toNanos());
    }

    @Test
    void whatTheStoreDoesNotBringInTimeIsLeftToTheNextFetch() {
        // Given a store that takes half a minute
        use(Knobs.defaults().tail(0));
        append(first, 1_000);
        fixture.store.latency(Duration.ofSeconds(30));
        fixture.store.forget();

        // When
        var fetch = fetch(fixture.fetch(1, MIB, Duration.ofMillis(500), part(0, 0, MIB), part(1, 0, MIB)));
        FetchResult late = fixture.get(fetch);

        // Then it is answered after its patience, without records, and the read goes on for the next one
        assertThat(records(late, 0).sizeInBytes()).isZero();
        assertThat(fixture.time.nanoTime()).isLessThan(Duration.ofSeconds(12).toNanos());
        var joins = fetch(fixture.fetch(1, MIB, Duration.ofMinutes(1), part(0, 0, MIB)));
        FetchResult.Records next = records(fixture.get(joins), 0);
        assertThat(next.sizeInBytes()).isPositive();
        assertThat(fixture.store.requests()).hasSize(1);
    }

    @Test
    void aStoreThatFailsCostsThePartitionsThatNeedItAndNoOther() {
        // Given one partition in memory and one not
        use(Knobs.defaults().tail(2_000));
        append(first, 1_000);
        append(second, 1_000);
        fixture.store.fail(request -> Optional.of(StorageException.Kind.UNAVAILABLE));

        // When
        FetchResult result = fixture.get(fetch(fixture.fetch(1, MIB, Duration.ZERO, part(0, 0, MIB), part(1, 0, MIB))));

        // Then
        assertThat(failed(result, 0)).isEqualTo(Kind.STORAGE_UNAVAILABLE);
        assertThat(records(result, 1).sizeInBytes()).isPositive();
    }

    @Test
    void aPartitionThatCannotBeReadDoesNotKeepItsRoomFromTheOthers() {
        // Given two partitions that are not in memory, the first one's object unreadable, and room for one batch
        use(Knobs.defaults().tail(0));
        append(first, 1_000);
        String unreadable = fixture.store.keys("").getLast();
        append(second, 1_000);
        fixture.store.fail(request ->
                request.key().equals(unreadable) ? Optional.of(StorageException.Kind.UNAVAILABLE) : Optional.empty());

        // When
        FetchResult result = fixture.get(fetch(fixture.fetch(1, 10, Duration.ZERO, part(0, 0, MIB), part(1, 0, MIB))));

        // Then
        assertThat(failed(result, 0)).isEqualTo(Kind.STORAGE_UNAVAILABLE);
        assertThat(records(result, 1).sizeInBytes()).isPositive();
    }

    @Test
    void whereThereIsNoRoomForAnswersNothingIsReadAndNobodyWaits() {
        // Given
        append(first, 1000);
        append(second, 1000);
        var asked = new ArrayList<Integer>();
        FetchQuery roomy = fixture.fetch(1, MIB, Duration.ofMinutes(5), part(0, 0, MIB), part(1, 0, MIB));

        // When
        var refused = fetch(with(roomy, wanted -> {
            asked.add(wanted);
            return 0;
        }));
        var small = fetch(with(roomy, wanted -> 1));

        // Then
        assertThat(asked).singleElement().satisfies(wanted -> assertThat(wanted).isGreaterThanOrEqualTo(2000));
        assertThat(records(fixture.get(refused), 0).sizeInBytes()).isZero();
        assertThat(records(fixture.get(refused), 1).sizeInBytes()).isZero();
        assertThat(records(fixture.get(small), 0).sizeInBytes()).isGreaterThanOrEqualTo(1000);
        assertThat(records(fixture.get(small), 1).sizeInBytes()).isZero();
    }

    private static FetchQuery with(FetchQuery query, FetchQuery.Room room) {
        return new FetchQuery(query.partitions(), query.minBytes(), query.maxBytes(), query.deadlineNanos(), room);
    }

    @Test
    void aFetchOfNothingIsAnsweredAtOnce() {
        assertThat(fetch(new FetchQuery(List.of(), 1, MIB, Long.MAX_VALUE))).isDone();
    }

    @Test
    void recordsHandedOutAreNeverWrittenAgain() {
        append(first, 10);
        FetchResult result = fixture.get(fetch(fixture.fetchNow(0, MIB)));
        assertThat(records(result, 0).records()).allMatch(ByteBuffer::isReadOnly);
    }

    @Test
    void whatAFetchHasReadStaysUntilItIsReleasedWhateverTheCacheForgets() {
        // Given a cache with room for one of two WAL objects, and nothing in memory
        use(Knobs.defaults().tail(0).cache(3_000));
        append(first, 2_000);
        append(second, 2_000);
        FetchResult result = fixture.get(fetch(fixture.fetch(1, MIB, Duration.ZERO, part(0, 0, MIB))));
        List<Batches.Read> before = Batches.records(records(result, 0).records());

        // When the other is read
        fixture.get(fetch(fixture.fetch(1, MIB, Duration.ZERO, part(1, 0, MIB))))
                .release()
                .run();

        // Then what was read first is still there, until it is released
        assertThat(Batches.records(records(result, 0).records())).isEqualTo(before);
        long taken = fixture.session().cache.takenBytes();
        result.release().run();
        assertThat(fixture.session().cache.takenBytes()).isLessThan(taken);
    }

    @Test
    void aFetchThatBringsNothingKeepsNothing() {
        // Given nothing in memory, and a cache that keeps nothing
        use(Knobs.defaults().tail(0).cache(0));
        append(first, 2_000);
        append(second, 2_000);

        // When a fetch is answered, another one too late, and a third one fails
        fixture.get(fetch(fixture.fetch(1, MIB, Duration.ZERO, part(0, 0, MIB), part(1, 0, MIB))))
                .release()
                .run();
        fixture.store.latency(Duration.ofSeconds(30));
        FetchResult late = fixture.get(fetch(fixture.fetch(1, MIB, Duration.ZERO, part(0, 0, MIB))));
        assertThat(records(late, 0).sizeInBytes()).isZero();
        late.release().run();
        fixture.time.advance(Duration.ofMinutes(1));
        fixture.store.fail(request -> Optional.of(StorageException.Kind.UNAVAILABLE));
        fixture.get(fetch(fixture.fetch(1, MIB, Duration.ZERO, part(0, 0, MIB))))
                .release()
                .run();

        // Then
        assertThat(fixture.session().cache.takenBytes()).isZero();
    }
}
