package io.kafscale.log.segment;

import static io.kafscale.log.fixture.LogFixture.START_MS;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.format.ProducerStateSnapshot;
import io.kafscale.format.segment.SegmentIndex;
import io.kafscale.log.LogException;
import io.kafscale.log.fixture.Batches;
import io.kafscale.log.fixture.LogFixture.Knobs;
import io.kafscale.log.partition.PartitionLog;
import io.kafscale.metastore.MetadataException;
import io.kafscale.objectstore.StorageException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SegmentWriterTest extends SegmentScenario {
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
    void nothingIsPutIntoTheDirectoryOfATopicThatWasDeletedMeanwhile() {
        // Given a segment whose index does not get through
        fixture.store.fail(request -> request.name().endsWith(".index")
                ? Optional.of(StorageException.Kind.OUTCOME_UNKNOWN)
                : Optional.empty());
        append(10);
        fixture.time.advance(Duration.ofMinutes(10).plusMillis(200));
        assertThat(fixture.store.keys(log.stored().place().prefix(fixture.layout)))
                .hasSize(1);

        // When
        var deleted = new LogException(LogException.Kind.UNKNOWN_PARTITION, "deleted");
        log.stored().tombstone(deleted);
        log.close(deleted);
        fixture.store.heal();
        fixture.time.advance(Duration.ofMinutes(10));

        // Then
        assertThat(fixture.store.keys(log.stored().place().prefix(fixture.layout)))
                .hasSize(1);
    }

    @Test
    void nothingIsWrittenWhileTheRegistrationIsNotConfirmed() {
        // Given
        append(10);
        fixture.session().leadership.doubt(CompletableFuture.completedFuture(null));

        // When
        fixture.time.advance(Duration.ofMinutes(20));

        // Then
        assertThat(fixture.store.keys(log.stored().place().prefix(fixture.layout)))
                .isEmpty();
        fixture.session().leadership.confirm();
        fixture.time.advance(Duration.ofSeconds(10));
        assertThat(fixture.written).hasSize(1);
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
}
