package io.kafscale.log.partition;

import static io.kafscale.log.fixture.LogFixture.START_MS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.log.AppendRequest;
import io.kafscale.log.AppendRequest.Acknowledge;
import io.kafscale.log.AppendResult;
import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.fixture.Batches;
import io.kafscale.log.fixture.LogFixture;
import io.kafscale.log.read.Pins;
import io.kafscale.log.segment.InheritedChunks;
import io.kafscale.log.wal.ChunkRef;
import io.kafscale.objectstore.StorageException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class PartitionLogTest {
    private final LogFixture fixture = new LogFixture();
    private PartitionLog log = fixture.create(0);

    private CompletableFuture<AppendResult> append(String... values) {
        return fixture.append(log, Batches.of(START_MS, values));
    }

    private void segmentsWritten() {
        fixture.time.advance(Duration.ofHours(1).plusSeconds(10));
        assertThat(log.stored().waiting().isEmpty()).isTrue();
    }

    @Test
    void offsetsAreAssignedInPlaceAndTheHighWatermarkWaitsForTheStore() {
        // Given
        ByteBuffer batch = Batches.of(START_MS, "a", "b");

        // When
        var first = fixture.append(log, batch);
        var second = append("c");

        // Then
        assertThat(log.logEnd()).isEqualTo(3);
        assertThat(log.highWatermark()).isZero();
        assertThat(first).isNotDone();
        fixture.wal().flush();
        assertThat(log.highWatermark()).isEqualTo(3);
        assertThat(fixture.get(first)).isEqualTo(new AppendResult(0, 1, 0, START_MS, false));
        assertThat(fixture.get(second)).isEqualTo(new AppendResult(2, 2, 0, START_MS, false));
        assertThat(Batches.views(fixture.get(fixture.session().reader.read(log, 0, 1000, true, new Pins()))
                        .slices()))
                .allSatisfy(view -> {
                    assertThat(view.crcMatches()).isTrue();
                    assertThat(view.partitionLeaderEpoch()).isZero();
                });
    }

    @Test
    void anAppendThatOnlyWantsItsOffsetsIsAnsweredAtOnceAndShownLater() {
        var result = fixture.append(log, Batches.of(START_MS, "a"), Acknowledge.ASSIGNED);
        assertThat(fixture.get(result).baseOffset()).isZero();
        assertThat(log.highWatermark()).isZero();
        assertThat(fixture.get(fixture.session().reader.read(log, 0, 1000, true, new Pins()))
                        .isEmpty())
                .isTrue();
    }

    @Test
    void aSmallBatchDoesNotPinALargeBuffer() {
        // Given a batch in a request of a megabyte
        ByteBuffer batch = Batches.of(START_MS, "a");
        ByteBuffer request = ByteBuffer.allocate(1 << 20);
        ByteBuffer slice = request.slice(1000, batch.remaining()).put(batch).flip();

        // Then it is charged by its own size, and the request buffer may be used for something else
        assertThat(PartitionLog.footprint(slice)).isBetween((long) slice.remaining(), slice.remaining() + 1000L);
        fixture.append(log, slice);
        for (int i = 0; i < request.capacity(); i++) {
            request.put(i, (byte) 0);
        }
        fixture.wal().flush();
        assertThat(fixture.readAll(log, 0, 1000))
                .extracting(Batches.Read::value)
                .containsExactly("a");
        assertThat(fixture.session().tails.usedBytes()).isLessThan(1000);
    }

    @Test
    void aLargeBatchIsNeverCopiedAndChargedByItsBuffer() {
        ByteBuffer batch = Batches.sized(START_MS, 1000);
        ByteBuffer request = ByteBuffer.allocate(1500).put(batch.duplicate()).flip();
        assertThat(PartitionLog.footprint(request)).isBetween(1500L, 2500L);
        fixture.append(log, request);
        fixture.wal().flush();
        assertThat(fixture.session().tails.usedBytes()).isEqualTo(PartitionLog.footprint(request));
    }

    @Test
    void anAppendUnderAnotherEpochIsRefused() {
        fixture.takeOver();
        log = fixture.log(0);
        assertThat(failureOfEpoch(0)).isEqualTo(Kind.FENCED_LEADER_EPOCH);
        assertThat(failureOfEpoch(2)).isEqualTo(Kind.UNKNOWN_LEADER_EPOCH);
        assertThat(fixture.wal().buffer().used()).isZero();
    }

    private Kind failureOfEpoch(int epoch) {
        ByteBuffer batch = Batches.of(START_MS, "a");
        fixture.wal().buffer().reserveForced(PartitionLog.footprint(batch));
        var request = new AppendRequest(log.id(), batch, Acknowledge.DURABLE, Long.MAX_VALUE, OptionalInt.of(epoch));
        return fixture.failure(log.append(request, PartitionLog.footprint(batch)));
    }

    @Test
    void anAppendThatIsNotDurableInTimeFailsAndItsRecordsStay() {
        // Given
        var late = append("a");

        // When
        fixture.time.advance(Duration.ofSeconds(31));

        // Then
        assertThat(fixture.failure(late)).isEqualTo(Kind.TIMED_OUT);
        fixture.wal().flush();
        assertThat(log.highWatermark()).isEqualTo(1);
    }

    /** As in Kafka: the timeout is about the answer, and with 0 it has passed before anything is done. */
    @Test
    void anAppendIsMadeEvenIfItsDeadlineHasPassed() {
        // Given
        ByteBuffer batch = Batches.of(START_MS, "a");
        long footprint = PartitionLog.footprint(batch);
        fixture.wal().buffer().reserveForced(footprint);
        long past = fixture.time.nanoTime() - 1;

        // When
        var late = log.append(
                new AppendRequest(log.id(), batch, Acknowledge.DURABLE, past, OptionalInt.empty()), footprint);
        fixture.time.advance(Duration.ofMillis(10));

        // Then
        assertThat(fixture.failure(late)).isEqualTo(Kind.TIMED_OUT);
        fixture.wal().flush();
        assertThat(log.highWatermark()).isEqualTo(1);
    }

    @Test
    void whenLeadershipIsLostEverythingThatWaitsFails() {
        // Given
        var waiting = append("a");

        // When
        log.close(new LogException(Kind.NOT_LEADER, "fenced"));

        // Then
        assertThat(fixture.failure(waiting)).isEqualTo(Kind.NOT_LEADER);
        assertThat(fixture.failure(append("b"))).isEqualTo(Kind.NOT_LEADER);
        assertThat(fixture.session().tails.usedBytes()).isZero();
    }

    @Test
    void aProducerGoesOnInATopicThatWasCreatedAnewAsWithKafka() {
        fixture.time.advance(Duration.ofSeconds(4));
        var going = fixture.append(log, Batches.by(1, 0, 20, 1));
        fixture.wal().flush();
        assertThat(going).isCompleted();
    }

    @Test
    void anAppendThatTheWalRefusesChangesNothing() {
        // Given
        fixture.wal().refuse(new LogException(Kind.NOT_LEADER, "fenced"));

        // When
        var refused = fixture.append(log, Batches.by(1, 0, 0, 1));

        // Then
        assertThat(fixture.failure(refused)).isEqualTo(Kind.NOT_LEADER);
        assertThat(log.logEnd()).isZero();
        assertThat(fixture.wal().buffer().used()).isZero();
        assertThat(fixture.get(log.producers())).isEmpty();
    }

    @Test
    void recordsAreOutOfOrderOnlyOnceItIsCertainThatThisIsTheLeader() {
        // Given
        fixture.appendDurably(log, Batches.by(1, 0, 0, 1));
        var asked = new CompletableFuture<Void>();
        fixture.session().leadership.doubt(asked);

        // When
        var refused = fixture.append(log, Batches.by(1, 0, 7, 1));

        // Then
        fixture.settle();
        assertThat(refused).isNotDone();
        asked.complete(null);
        assertThat(fixture.failure(refused)).isEqualTo(Kind.OUT_OF_ORDER_SEQUENCE);
        assertThat(fixture.wal().buffer().used()).isZero();
    }

    @Test
    void aLeaderThatWasReplacedDoesNotCallRecordsOutOfOrder() {
        // Given
        fixture.appendDurably(log, Batches.by(1, 0, 0, 1));
        var asked = new CompletableFuture<Void>();
        fixture.session().leadership.doubt(asked);
        var refused = fixture.append(log, Batches.by(1, 0, 7, 1));

        // When
        var sealed = new LogException(Kind.NOT_LEADER, "sealed");
        log.close(sealed);
        asked.completeExceptionally(sealed);

        // Then
        assertThat(fixture.failure(refused)).isEqualTo(Kind.NOT_LEADER);
    }

    @Test
    void aRefusalWaitsForCertaintyNoLongerThanItsDeadline() {
        // Given
        fixture.appendDurably(log, Batches.by(1, 0, 0, 1));
        fixture.session().leadership.doubt(new CompletableFuture<>());

        // When
        var refused = fixture.append(log, Batches.by(1, 0, 7, 1));
        fixture.time.advance(Duration.ofSeconds(31));

        // Then
        assertThat(fixture.failure(refused)).isEqualTo(Kind.TIMED_OUT);
    }

    @Test
    void drainingRefusesAppendsAndEndsWhenEverythingIsDurable() {
        // Given
        append("a");

        // When
        var drained = log.drain();

        // Then
        assertThat(fixture.failure(append("b"))).isEqualTo(Kind.NOT_LEADER);
        assertThat(drained).isNotDone();
        fixture.wal().flush();
        assertThat(fixture.get(drained)).isEqualTo(1);
    }

    /** DESIGN §3 item 2: a duplicate must not be acknowledged before its original is safe. */
    @Test
    void aDuplicateIsAnsweredLikeItsOriginalAndNeverBeforeThatIsDurable() {
        // Given
        var original = fixture.append(log, Batches.by(1, 0, 0, 2));
        append("between");

        // When
        var duplicate = fixture.append(log, Batches.by(1, 0, 0, 2));
        var careless = fixture.append(log, Batches.by(1, 0, 0, 2), Acknowledge.ASSIGNED);

        // Then
        fixture.settle();
        assertThat(duplicate).isNotDone();
        assertThat(careless).isNotDone();
        fixture.wal().flush();
        assertThat(fixture.get(original)).isEqualTo(new AppendResult(0, 1, 0, START_MS, false));
        var likeIt = new AppendResult(0, 1, 0, START_MS, true);
        assertThat(fixture.get(duplicate)).isEqualTo(likeIt);
        assertThat(fixture.get(careless)).isEqualTo(likeIt);
        assertThat(log.logEnd()).isEqualTo(3);
        assertThat(fixture.get(fixture.append(log, Batches.by(1, 0, 0, 2)))).isEqualTo(likeIt);
    }

    @Test
    void acknowledgementsLeaveInTheOrderOfOffsets() {
        // Given appends, and a duplicate of the first behind the second
        List<String> order = new ArrayList<>();
        fixture.append(log, Batches.by(1, 0, 0, 1)).thenRun(() -> order.add("first"));
        fixture.append(log, Batches.by(1, 0, 1, 1)).thenRun(() -> order.add("second"));
        fixture.append(log, Batches.by(1, 0, 0, 1)).thenRun(() -> order.add("first again"));

        // When
        fixture.wal().flush();

        // Then
        assertThat(order).containsExactly("first", "first again", "second");
    }

    /** DESIGN §8 item 4: the watermark follows what the WAL acknowledges, which is in its order. */
    @Test
    void nothingIsShownBeforeItsObjectIsAcknowledged() {
        // Given an object that has landed without being acknowledged
        append("a");
        fixture.wal().put();

        // Then
        assertThat(fixture.get(fixture.session().reader.read(log, 0, 1000, true, new Pins()))
                        .isEmpty())
                .isTrue();
        fixture.wal().acknowledge();
        assertThat(log.highWatermark()).isEqualTo(1);
    }

    /** DESIGN §8 item 2: nothing is carried over from an earlier leadership of the same broker. */
    @Test
    void aPartitionLedAgainStartsFromWhatTheStoresHold() {
        // Given records that never became durable
        append("a");
        fixture.wal().flush();
        append("lost");
        append("lost too");
        assertThat(log.logEnd()).isEqualTo(3);

        // When
        fixture.takeOver();
        log = fixture.log(0);

        // Then
        assertThat(log.logEnd()).isEqualTo(1);
        assertThat(log.highWatermark()).isEqualTo(1);
        assertThat(log.leaderEpoch()).isEqualTo(1);
        append("b");
        fixture.wal().flush();
        assertThat(fixture.readAll(log, 0, 1000))
                .extracting(Batches.Read::value)
                .containsExactly("a", "b");
    }

    @Test
    void openingReadsNoObjectAtAll() {
        // Given
        fixture.appendDurably(log, Batches.by(1, 0, 0, 3));
        segmentsWritten();
        fixture.appendDurably(log, Batches.by(1, 0, 3, 3));
        fixture.store.forget();

        // When
        fixture.takeOver();

        // Then
        assertThat(fixture.store.requests()).isEmpty();
        assertThat(fixture.log(0).highWatermark()).isEqualTo(6);
    }

    @Test
    void producersAreKnownAfterATakeoverFromFootersAlone() {
        // Given
        for (int i = 0; i < 6; i++) {
            fixture.appendDurably(log, Batches.by(1, 0, i, 1));
        }

        // When
        fixture.takeOver();
        log = fixture.log(0);
        fixture.store.forget();

        // Then
        assertThat(fixture.appendDurably(log, Batches.by(1, 0, 1, 1)).baseOffset())
                .isEqualTo(1);
        assertThat(fixture.failure(fixture.append(log, Batches.by(1, 0, 0, 1)))).isEqualTo(Kind.OUT_OF_ORDER_SEQUENCE);
        assertThat(fixture.failure(fixture.append(log, Batches.by(1, 0, 7, 1)))).isEqualTo(Kind.OUT_OF_ORDER_SEQUENCE);
        assertThat(fixture.appendDurably(log, Batches.by(1, 0, 6, 1)).baseOffset())
                .isEqualTo(6);
        assertThat(fixture.store.requests()).isEmpty();
    }

    @Test
    void producersOfSegmentsAreReadBeforeTheFirstIdempotentAppendIsDecided() {
        // Given batches in a segment and in the WAL
        for (int i = 0; i < 4; i++) {
            fixture.appendDurably(log, Batches.by(1, 0, i, 1));
        }
        segmentsWritten();
        fixture.appendDurably(log, Batches.by(1, 0, 4, 1));
        fixture.takeOver();
        log = fixture.log(0);
        fixture.store.forget();

        // When a duplicate of a batch in the segment arrives, an append without producer before and one behind it
        var before = append("before");
        var duplicate = fixture.append(log, Batches.by(1, 0, 1, 1));
        var behind = append("behind");

        // Then only those from the duplicate on wait, and in their order
        assertThat(log.logEnd()).isEqualTo(6);
        fixture.settle();
        assertThat(log.logEnd()).isEqualTo(7);
        fixture.wal().flush();
        assertThat(fixture.get(before).baseOffset()).isEqualTo(5);
        assertThat(fixture.get(duplicate).baseOffset()).isEqualTo(1);
        assertThat(fixture.get(behind).baseOffset()).isEqualTo(6);
        assertThat(fixture.store.requests())
                .extracting(request -> request.operation())
                .containsExactly("list", "get");
    }

    @Test
    void whileTheProducersCannotBeReadIdempotentAppendsFailAndLaterOnesTryAgain() {
        // Given
        fixture.appendDurably(log, Batches.by(1, 0, 0, 1));
        segmentsWritten();
        fixture.takeOver();
        log = fixture.log(0);
        fixture.store.fail(request -> Optional.of(StorageException.Kind.UNAVAILABLE));

        // When
        var failing = fixture.append(log, Batches.by(1, 0, 1, 1));

        // Then
        assertThat(fixture.failure(failing)).isEqualTo(Kind.STORAGE_UNAVAILABLE);
        assertThat(fixture.wal().buffer().used()).isZero();
        fixture.store.heal();
        assertThat(fixture.appendDurably(log, Batches.by(1, 0, 1, 1)).baseOffset())
                .isEqualTo(1);
    }

    @Test
    void anAppendWaitsForTheProducersNoLongerThanItsDeadline() {
        // Given
        fixture.appendDurably(log, Batches.by(1, 0, 0, 1));
        segmentsWritten();
        fixture.takeOver();
        log = fixture.log(0);
        fixture.store.latency(Duration.ofMinutes(2));

        // When
        var late = fixture.append(log, Batches.by(1, 0, 1, 1));

        // Then
        assertThat(fixture.failure(late)).isEqualTo(Kind.TIMED_OUT);
        assertThat(fixture.wal().buffer().used()).isZero();
    }

    @Test
    void aMissingChunkStopsTheTakeover() {
        // Given three chunks, the second of which is nowhere to be found
        for (String value : List.of("a", "b", "c")) {
            append(value);
            fixture.wal().flush();
        }
        var chunks = new ArrayList<ChunkRef>(fixture.chunksOf(0));
        chunks.remove(1);

        // Then
        var record = fixture.records.get(log.id()).value();
        assertThatThrownBy(() -> InheritedChunks.of(record, chunks))
                .isInstanceOfSatisfying(
                        LogException.class,
                        missing -> assertThat(missing.kind()).isEqualTo(Kind.CORRUPT))
                .hasMessageContaining("offsets 1..1");
    }

    @Test
    void aChunkOfAnotherEpochOrStreamDoesNotCount() {
        // Given a chunk acknowledged to nobody: its leader was taken over before it landed
        append("a");
        fixture.wal().flush();
        append("zombie");
        var zombie = fixture.wal();
        fixture.takeOver();
        zombie.put();

        // Then
        var record = fixture.records.get(log.id()).value();
        assertThat(fixture.chunksOf(0)).hasSize(2);
        assertThat(InheritedChunks.of(record, fixture.chunksOf(0)).endOffset()).isEqualTo(1);
    }

    @Test
    void aRecordThatSomebodyElseLeadsClosesThePartition() {
        // Given a waiting append, and a new leader in the metadata store
        var waiting = append("a");
        var current = fixture.records.get(log.id()).value();
        fixture.records.put(current.takeOver(new io.kafscale.metastore.cluster.BrokerIncarnation(2, 9), 0));

        // When this broker tries to change the record
        append("b");
        var moved = log.stored().advanceLogStart(0);
        fixture.get(moved);
        var segmentEnd = log.stored().advanceSegmentEnd(1);

        // Then
        assertThat(fixture.failure(segmentEnd)).isEqualTo(Kind.NOT_LEADER);
        assertThat(fixture.failure(waiting)).isEqualTo(Kind.NOT_LEADER);
        assertThat(log.closed()).isNotNull();
    }
}
