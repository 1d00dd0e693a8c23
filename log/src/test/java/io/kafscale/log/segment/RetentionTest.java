package io.kafscale.log.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.log.AppendRequest.Acknowledge;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.TopicSettings;
import io.kafscale.log.fixture.Batches;
import io.kafscale.log.fixture.LogFixture;
import io.kafscale.log.fixture.LogFixture.Knobs;
import io.kafscale.log.fixture.RecordingStore.Request;
import io.kafscale.log.partition.PartitionLog;
import io.kafscale.metastore.MetadataException;
import io.kafscale.objectstore.StorageException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class RetentionTest {
    private static final Duration DAY = Duration.ofDays(1);

    private LogFixture fixture = new LogFixture(Knobs.defaults().topic(topic(Optional.of(DAY), OptionalLong.empty())));
    private PartitionLog log = fixture.create(0);

    private static TopicSettings topic(Optional<Duration> age, OptionalLong bytes) {
        return new TopicSettings(age, bytes, 1 << 20, Duration.ofMinutes(10), false, 3_600_000);
    }

    private void use(TopicSettings settings) {
        fixture = new LogFixture(Knobs.defaults().topic(settings));
        log = fixture.create(0);
    }

    /** One segment of one record of about that size, with the time of now. */
    private void writeSegment(int bytes) {
        fixture.append(log, Batches.sized(fixture.time.wallClockMs(), bytes), Acknowledge.ASSIGNED);
        fixture.wal().flush();
        fixture.time.advance(Duration.ofMinutes(11));
        assertThat(log.stored().waiting().isEmpty()).isTrue();
    }

    private int objects() {
        return fixture.store.keys("test/orders/").size();
    }

    @Test
    void segmentsGoWhenTheirNewestRecordIsOldEnough() {
        // Given three segments of the first hour
        writeSegment(100);
        writeSegment(100);
        writeSegment(100);

        // When a day has passed for the first one
        fixture.time.advance(DAY.minusMinutes(33).plusSeconds(1));
        assertThat(log.logStart()).isEqualTo(1);

        // Then its objects go after the grace, the index first
        assertThat(objects()).isEqualTo(6);
        fixture.store.forget();
        fixture.time.advance(Duration.ofSeconds(61));
        assertThat(objects()).isEqualTo(4);
        assertThat(fixture.store.requests())
                .filteredOn(request -> request.operation().equals("deleted"))
                .extracting(Request::name)
                .containsExactly("segment-00000000000000000000.index", "segment-00000000000000000000.kfs");
        fixture.time.advance(Duration.ofHours(1));
        assertThat(log.logStart()).isEqualTo(3);
        assertThat(objects()).isZero();
    }

    @Test
    void theLogStartMovesInTheMetadataStoreBeforeAnythingIsDeleted() {
        // Given
        writeSegment(100);
        fixture.records.failWith(MetadataException.Kind.UNAVAILABLE);

        // When
        fixture.time.advance(DAY.plusHours(1));

        // Then
        assertThat(log.logStart()).isZero();
        assertThat(objects()).isEqualTo(2);
        fixture.records.heal();
        fixture.time.advance(Duration.ofMinutes(10));
        assertThat(fixture.records.get(log.id()).value().logStartOffset()).isEqualTo(1);
        assertThat(objects()).isZero();
    }

    @Test
    void theOldestSegmentsGoWhenThereIsMoreThanIsToBeKept() {
        // Given room for about two segments
        use(topic(Optional.empty(), OptionalLong.of(25_000)));
        for (int i = 0; i < 5; i++) {
            writeSegment(10_000);
        }

        // When
        fixture.time.advance(Duration.ofMinutes(10));

        // Then as in Kafka what remains is at least as much as is to be kept
        assertThat(log.logStart()).isEqualTo(2);
        fixture.time.advance(Duration.ofDays(2));
        assertThat(log.logStart()).isEqualTo(2);
        assertThat(objects()).isEqualTo(6);
    }

    @Test
    void waitingRecordsCountTowardsTheSize() {
        // Given two segments that may both stay
        use(topic(Optional.empty(), OptionalLong.of(25_000)));
        writeSegment(10_000);
        writeSegment(10_000);
        fixture.append(log, Batches.sized(1, 16_000));
        fixture.wal().flush();

        // When
        fixture.time.advance(Duration.ofMinutes(9));

        // Then
        assertThat(log.logStart()).isEqualTo(1);
    }

    @Test
    void aTopicThatKeepsEverythingKeepsEverything() {
        use(new TopicSettings(Optional.of(DAY), OptionalLong.of(1), 1 << 20, Duration.ofMinutes(10), true, 3_600_000));
        writeSegment(10_000);
        fixture.time.advance(Duration.ofDays(30));
        assertThat(log.logStart()).isZero();
        assertThat(objects()).isEqualTo(2);
        assertThat(fixture.failure(fixture.session().retention.deleteRecords(log.stored(), 1)))
                .isEqualTo(Kind.POLICY_VIOLATION);
    }

    @Test
    void configsThatChangeWhileRetentionLooksAreNotMixed() {
        // Given a leader that has to read indexes to know that nothing is due
        use(topic(Optional.of(DAY), OptionalLong.empty()));
        for (int i = 0; i < 3; i++) {
            writeSegment(10_000);
        }
        fixture.takeOver();
        log = fixture.log(0);
        fixture.store.latency(Duration.ofSeconds(20));
        fixture.time.advance(Duration.ofMinutes(5).plusSeconds(30));

        // When the topic is to be kept whole meanwhile, with a bound on its size that means nothing then
        log.stored()
                .changeSettings(new TopicSettings(
                        Optional.of(DAY), OptionalLong.of(1), 1 << 20, Duration.ofMinutes(10), true, 3_600_000));
        fixture.time.advance(Duration.ofHours(1));

        // Then
        assertThat(log.logStart()).isZero();
    }

    @Test
    void aPartitionWithNothingDueCostsNothing() {
        // Given a broker that has looked once
        writeSegment(100);
        fixture.takeOver();
        log = fixture.log(0);
        fixture.time.advance(Duration.ofMinutes(6));
        fixture.store.forget();

        // When
        fixture.time.advance(Duration.ofHours(20));

        // Then
        assertThat(fixture.store.requests()).isEmpty();
        fixture.time.advance(Duration.ofHours(4));
        assertThat(log.logStart()).isEqualTo(1);
    }

    @Test
    void onlySegmentsThatAreDeletedHaveTheirIndexRead() {
        // Given a new leader over six segments
        for (int i = 0; i < 6; i++) {
            writeSegment(100);
        }
        fixture.takeOver();
        log = fixture.log(0);
        fixture.store.forget();

        // When the first two come of age
        fixture.time.advance(DAY.minusMinutes(66).plusMinutes(12));

        // Then
        assertThat(log.logStart()).isEqualTo(2);
        assertThat(fixture.store.count("list")).isEqualTo(1);
        assertThat(fixture.store.count("get")).isLessThanOrEqualTo(3);
    }

    @Test
    void recordsAreDeletedByRequest() {
        // Given
        for (int i = 0; i < 3; i++) {
            writeSegment(100);
        }
        fixture.append(log, Batches.of(1, "a", "b"));
        fixture.wal().flush();

        // When
        long logStart = fixture.get(fixture.session().retention.deleteRecords(log.stored(), 2));

        // Then
        assertThat(logStart).isEqualTo(2);
        fixture.time.advance(Duration.ofSeconds(62));
        assertThat(objects()).isEqualTo(2);
        assertThat(fixture.get(fixture.session().retention.deleteRecords(log.stored(), 1)))
                .isEqualTo(2);
        assertThat(fixture.failure(fixture.session().retention.deleteRecords(log.stored(), 6)))
                .isEqualTo(Kind.OFFSET_OUT_OF_RANGE);
        assertThat(fixture.get(fixture.session().retention.deleteRecords(log.stored(), -1)))
                .isEqualTo(5);
    }

    @Test
    void deletingRecordsThatAreOnlyInTheWalCoversTheirChunks() {
        // Given three chunks
        for (int i = 0; i < 3; i++) {
            fixture.append(log, Batches.of(1, "a", "b"));
            fixture.wal().flush();
        }

        // When everything up to the middle of the second one is deleted
        fixture.get(fixture.session().retention.deleteRecords(log.stored(), 3));

        // Then
        assertThat(fixture.wal().covered()).hasSize(1);
        assertThat(fixture.readAll(log, 3, 1000))
                .extracting(Batches.Read::offset)
                .containsExactly(3L, 4L, 5L);
        fixture.wal().trim();
        fixture.takeOver();
        log = fixture.log(0);
        assertThat(log.logStart()).isEqualTo(3);
        assertThat(log.highWatermark()).isEqualTo(6);
        fixture.time.advance(Duration.ofMinutes(11));
        assertThat(log.stored().segmentEnd()).isEqualTo(6);
        assertThat(fixture.readAll(log, 3, 1000))
                .extracting(Batches.Read::offset)
                .containsExactly(3L, 4L, 5L);
    }

    @Test
    void aProducerWhoseBatchesWereDeletedGoesOn() {
        // Given a producer in a segment, then in chunks that are deleted before they become one
        fixture.appendDurably(log, Batches.by(1, 0, 0, 1));
        fixture.time.advance(Duration.ofMinutes(11));
        fixture.appendDurably(log, Batches.by(1, 0, 1, 1));
        fixture.appendDurably(log, Batches.by(1, 0, 2, 1));
        fixture.get(fixture.session().retention.deleteRecords(log.stored(), -1));
        fixture.wal().trim();

        // When another leader takes over
        fixture.takeOver();
        log = fixture.log(0);

        // Then it is not taken for one that left out two batches
        assertThat(fixture.appendDurably(log, Batches.by(1, 0, 3, 1)).baseOffset())
                .isEqualTo(3);
    }

    @Test
    void whatACrashLeftUndeletedIsFoundByTheNextLeader() {
        // Given a log start that moved, and a crash within the grace
        writeSegment(100);
        writeSegment(100);
        fixture.get(fixture.session().retention.deleteRecords(log.stored(), 1));
        fixture.takeOver();
        log = fixture.log(0);
        assertThat(objects()).isEqualTo(4);

        // When
        fixture.time.advance(Duration.ofMinutes(7));

        // Then
        assertThat(objects()).isEqualTo(2);
    }

    @Test
    void anIndexWhoseSegmentIsGoneIsGarbageToo() {
        writeSegment(100);
        writeSegment(100);
        fixture.get(fixture.session().retention.deleteRecords(log.stored(), 1));
        fixture.store.remove(log.stored().place().segmentKey(fixture.layout, 0));
        fixture.takeOver();
        log = fixture.log(0);
        fixture.time.advance(Duration.ofMinutes(7));
        assertThat(objects()).isEqualTo(2);
    }

    @Test
    void aSegmentThatStraddlesTheLogStartStays() {
        fixture.append(log, Batches.of(fixture.time.wallClockMs(), "a", "b", "c"));
        fixture.wal().flush();
        fixture.time.advance(Duration.ofMinutes(11));
        fixture.get(fixture.session().retention.deleteRecords(log.stored(), 2));
        fixture.time.advance(Duration.ofHours(1));
        assertThat(objects()).isEqualTo(2);
        assertThat(fixture.readAll(log, 2, 1000)).hasSize(1);
    }

    @Test
    void aDamagedSegmentDoesNotKeepEverythingAfterItForEver() {
        // Given two segments, the first of which is unreadable with its index
        writeSegment(100);
        writeSegment(100);
        fixture.store.overwrite(log.stored().place().indexKey(fixture.layout, 0), new byte[3]);
        fixture.store.overwrite(log.stored().place().segmentKey(fixture.layout, 0), new byte[300]);
        fixture.takeOver();
        log = fixture.log(0);

        // When
        fixture.time.advance(Duration.ofDays(3));

        // Then
        assertThat(log.logStart()).isEqualTo(2);
        assertThat(objects()).isZero();
    }

    @Test
    void deletionsThatFailAreRepeated() {
        // Given
        writeSegment(100);
        fixture.get(fixture.session().retention.deleteRecords(log.stored(), 1));
        fixture.store.fail(request -> request.operation().equals("delete")
                ? Optional.of(StorageException.Kind.UNAVAILABLE)
                : Optional.empty());
        fixture.time.advance(Duration.ofMinutes(3));
        assertThat(objects()).isEqualTo(2);

        // When
        fixture.store.heal();
        fixture.time.advance(Duration.ofMinutes(3));

        // Then
        assertThat(objects()).isZero();
    }

    @Test
    void whatALeaderWroteThatDiedBeforeItSaidSoIsDeletedWhenTheLogStartHasPassedIt() {
        // Given a segment in the store that no record knows
        fixture.append(log, Batches.of(fixture.time.wallClockMs(), "a"), Acknowledge.ASSIGNED);
        fixture.wal().flush();
        fixture.records.failWith(MetadataException.Kind.UNAVAILABLE);
        fixture.time.advance(Duration.ofHours(2));
        assertThat(objects()).isEqualTo(2);
        fixture.records.heal();
        fixture.takeOver();
        log = fixture.log(0);
        // When its records are deleted before another segment is written
        fixture.get(fixture.session().retention.deleteRecords(log.stored(), 1));
        writeSegment(100);
        fixture.time.advance(Duration.ofMinutes(10));
        // Then
        assertThat(fixture.store.keys(LogFixture.place(0).prefix(fixture.layout)))
                .noneMatch(key -> key.contains("-00000000000000000000."));
    }

    @Test
    void thousandsOfSegmentsAreDeletedInFewRequests() {
        // Given many segments as the listing tells them, all below a log start that is moved at once
        use(topic(Optional.of(DAY), OptionalLong.empty()));
        for (int i = 0; i < 1200; i++) {
            fixture.append(log, Batches.of(fixture.time.wallClockMs(), "a"), Acknowledge.ASSIGNED);
            fixture.wal().flush();
            fixture.get(log.stored().advanceSegmentEnd(i));
        }
        fixture.get(log.stored().catalog().refresh());
        for (int i = 0; i < 1200; i++) {
            log.stored().catalog().add(Segment.listed(i, 10, 0).with(new Segment.Facts(i, 5)));
        }

        // When
        fixture.get(fixture.session().retention.deleteRecords(log.stored(), 1200));
        fixture.time.advance(Duration.ofMinutes(2));

        // Then
        assertThat(fixture.store.count("delete")).isEqualTo(4);
        assertThat(fixture.store.count("deleted")).isEqualTo(2400);
    }

    @Test
    void settingsThatChangeTakeEffect() {
        // Given
        writeSegment(100);
        log.stored().changeSettings(topic(Optional.of(Duration.ofMinutes(1)), OptionalLong.empty()));

        // When
        fixture.session().retention.changed(log.id());
        fixture.time.advance(Duration.ofMinutes(6));

        // Then
        assertThat(log.logStart()).isEqualTo(1);
    }
}
