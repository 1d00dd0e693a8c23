package io.kafscale.log.read;

import static io.kafscale.log.fixture.LogFixture.START_MS;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.log.EpochEnd;
import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.OffsetAnswer;
import io.kafscale.log.OffsetQuery;
import io.kafscale.log.TopicSettings;
import io.kafscale.log.fixture.Batches;
import io.kafscale.log.fixture.LogFixture;
import io.kafscale.log.fixture.LogFixture.Knobs;
import io.kafscale.log.partition.PartitionLog;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class OffsetLookupTest {
    private final LogFixture fixture =
            new LogFixture(Knobs.defaults().blocks(4 << 10).topic(Knobs.topic(1 << 20, Duration.ofMinutes(10))));
    private PartitionLog log = fixture.create(0);

    private OffsetAnswer lookup(OffsetQuery query) {
        return fixture.get(fixture.session().offsets.lookup(log, query));
    }

    private OffsetAnswer at(long timestampMs) {
        return lookup(new OffsetQuery.AtTime(timestampMs));
    }

    private void append(long... timestampsMs) {
        fixture.append(log, Batches.at(timestampsMs));
        fixture.wal().flush();
    }

    private void writeSegment() {
        fixture.time.advance(Duration.ofMinutes(11));
        assertThat(log.stored().waiting().isEmpty()).isTrue();
    }

    private void takeOver() {
        fixture.takeOver();
        log = fixture.log(0);
    }

    @Test
    void anEmptyPartitionHasEndsAndNothingBetween() {
        assertThat(lookup(new OffsetQuery.Earliest())).isEqualTo(new OffsetAnswer(0, -1, 0));
        assertThat(lookup(new OffsetQuery.Latest())).isEqualTo(new OffsetAnswer(0, -1, 0));
        assertThat(lookup(new OffsetQuery.MaxTimestamp())).isEqualTo(OffsetAnswer.NONE);
        assertThat(at(0)).isEqualTo(OffsetAnswer.NONE);
    }

    @Test
    void aLookupThatMeetsTheEndOfTheLeadershipFailsInsteadOfFindingNothing() {
        // Given records in a segment, so that the lookup has to ask the store
        append(START_MS);
        writeSegment();
        takeOver();
        var answer = fixture.session().offsets.lookup(log, new OffsetQuery.MaxTimestamp());
        // When
        log.stored().tombstone(new LogException(Kind.UNKNOWN_PARTITION, "deleted"));
        log.close(new LogException(Kind.UNKNOWN_PARTITION, "deleted"));
        // Then
        assertThat(fixture.failure(answer)).isEqualTo(Kind.UNKNOWN_PARTITION);
    }

    @Test
    void latestIsTheHighWatermarkAndNotTheLogEnd() {
        append(START_MS);
        fixture.append(log, Batches.at(START_MS));
        assertThat(lookup(new OffsetQuery.Latest())).isEqualTo(new OffsetAnswer(1, -1, 0));
    }

    @Test
    void theFirstRecordAtOrAfterATimeIsFoundInMemoryWalAndSegments() {
        // Given times 1000, 1010, ... with ten records each, spread over segments and WAL
        for (int batch = 0; batch < 9; batch++) {
            long[] times = new long[10];
            for (int i = 0; i < 10; i++) {
                times[i] = START_MS + 100L * batch + 10L * i;
            }
            append(times);
            if (batch % 3 == 2 && batch < 8) {
                writeSegment();
            }
        }
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 90; i++) {
                long time = START_MS + 100L * (i / 10) + 10L * (i % 10);
                assertThat(at(time)).isEqualTo(new OffsetAnswer(i, time, 0));
                if (i > 0 && i % 10 != 0) {
                    assertThat(at(time - 5).offset()).isEqualTo(i);
                }
            }
            assertThat(at(START_MS + 891)).isEqualTo(OffsetAnswer.NONE);
            takeOver();
        }
    }

    @Test
    void timesThatGoBackwardsDoNotHideAnEarlierRecord() {
        // Given
        append(START_MS + 500, START_MS + 100);
        writeSegment();
        append(START_MS + 200);
        writeSegment();
        append(START_MS + 900, START_MS + 300);

        // Then
        assertThat(at(START_MS + 150).offset()).isZero();
        assertThat(at(START_MS + 500).offset()).isZero();
        assertThat(at(START_MS + 501).offset()).isEqualTo(3);
        assertThat(lookup(new OffsetQuery.MaxTimestamp())).isEqualTo(new OffsetAnswer(3, START_MS + 900, 0));
    }

    @Test
    void theLargestTimestampIsTheFirstRecordThatHasIt() {
        append(START_MS + 1, START_MS + 7, START_MS + 7);
        writeSegment();
        append(START_MS + 7, START_MS + 2);
        takeOver();
        assertThat(lookup(new OffsetQuery.MaxTimestamp())).isEqualTo(new OffsetAnswer(1, START_MS + 7, 0));
    }

    @Test
    void whatLiesBelowTheLogStartIsNotFound() {
        // Given
        append(START_MS + 1, START_MS + 2, START_MS + 3);
        writeSegment();
        append(START_MS + 2);
        fixture.get(log.stored().advanceLogStart(2));

        // Then
        assertThat(at(START_MS).offset()).isEqualTo(2);
        assertThat(at(START_MS + 3).offset()).isEqualTo(2);
        fixture.get(log.stored().advanceLogStart(3));
        assertThat(at(START_MS)).isEqualTo(new OffsetAnswer(3, START_MS + 2, 0));
        assertThat(lookup(new OffsetQuery.Earliest()).offset()).isEqualTo(3);
    }

    @Test
    void theLargestTimestampIsThatOfARecordThatIsLeft() {
        // Given a newest record that is deleted from the middle of a batch, a chunk, a segment
        append(START_MS + 9, START_MS + 1, START_MS + 3);
        append(START_MS + 2);
        fixture.get(log.stored().advanceLogStart(1));

        // Then
        var newest = new OffsetQuery.MaxTimestamp();
        assertThat(lookup(newest)).isEqualTo(new OffsetAnswer(2, START_MS + 3, 0));
        writeSegment();
        assertThat(lookup(newest)).isEqualTo(new OffsetAnswer(2, START_MS + 3, 0));
        append(START_MS + 2);
        fixture.get(log.stored().advanceLogStart(3));
        assertThat(lookup(newest)).isEqualTo(new OffsetAnswer(3, START_MS + 2, 0));
        fixture.get(log.stored().advanceLogStart(5));
        assertThat(lookup(newest)).isEqualTo(OffsetAnswer.NONE);
    }

    @Test
    void segmentsBelowTheLogStartAreNotLookedAt() {
        // Given three segments, two of which only wait for their deletion
        for (int i = 0; i < 3; i++) {
            append(START_MS + i);
            writeSegment();
        }
        fixture.get(log.stored().advanceLogStart(2));
        takeOver();
        fixture.store.forget();

        // When
        assertThat(at(START_MS).offset()).isEqualTo(2);

        // Then
        assertThat(fixture.store.count("get")).isEqualTo(1);
    }

    /** A new leader of three segments of a record each, over a store that takes two seconds for an answer. */
    private void leadThreeSegmentsOfASlowStore() {
        for (int i = 0; i < 3; i++) {
            append(START_MS + i);
            writeSegment();
        }
        takeOver();
        fixture.store.latency(Duration.ofSeconds(2));
    }

    /** What retention does, with the grace left out. */
    private void deleteTheFirstSegment() {
        fixture.get(log.stored().advanceLogStart(1));
        fixture.store.remove(log.stored().place().indexKey(fixture.layout, 0));
        fixture.store.remove(log.stored().place().segmentKey(fixture.layout, 0));
    }

    @Test
    void aLookupByTimePassesOverSegmentsThatAreDeletedMeanwhile() {
        // Given
        leadThreeSegmentsOfASlowStore();
        var answer = fixture.session().offsets.lookup(log, new OffsetQuery.AtTime(START_MS));
        fixture.time.advance(Duration.ofSeconds(3));
        // When
        deleteTheFirstSegment();
        // Then
        assertThat(fixture.get(answer)).isEqualTo(new OffsetAnswer(1, START_MS + 1, 0));
    }

    @Test
    void aLookupOfTheLargestTimestampPassesOverSegmentsThatAreDeletedMeanwhile() {
        // Given
        leadThreeSegmentsOfASlowStore();
        var answer = fixture.session().offsets.lookup(log, new OffsetQuery.MaxTimestamp());
        fixture.time.advance(Duration.ofSeconds(7));
        // When
        deleteTheFirstSegment();
        // Then
        assertThat(fixture.get(answer)).isEqualTo(new OffsetAnswer(2, START_MS + 2, 0));
    }

    @Test
    void aLookupGoesOnBehindALogStartThatPassesItWhileItReads() {
        // Given a lookup that has found its place in the first segment and reads its records
        leadThreeSegmentsOfASlowStore();
        var answer = fixture.session().offsets.lookup(log, new OffsetQuery.AtTime(START_MS));
        fixture.time.advance(Duration.ofSeconds(5));
        // When
        deleteTheFirstSegment();
        // Then
        assertThat(fixture.get(answer)).isEqualTo(new OffsetAnswer(1, START_MS + 1, 0));
    }

    @Test
    void aSegmentThatCountsAndIsNotThereIsDamage() {
        // Given
        leadThreeSegmentsOfASlowStore();
        var answer = fixture.session().offsets.lookup(log, new OffsetQuery.AtTime(START_MS + 1));
        fixture.time.advance(Duration.ofSeconds(3));
        // When
        fixture.store.remove(log.stored().place().indexKey(fixture.layout, 1));
        fixture.store.remove(log.stored().place().segmentKey(fixture.layout, 1));
        // Then
        assertThat(fixture.failure(answer)).isEqualTo(Kind.CORRUPT);
    }

    @Test
    void endsCostNoRequestAndATimeCostsFew() {
        for (int i = 0; i < 20; i++) {
            append(START_MS + 10L * i);
            writeSegment();
        }
        takeOver();
        fixture.store.forget();
        lookup(new OffsetQuery.Earliest());
        lookup(new OffsetQuery.Latest());
        assertThat(fixture.store.requests()).isEmpty();
        assertThat(at(START_MS + 55).offset()).isEqualTo(6);
        assertThat(fixture.store.count("list")).isEqualTo(1);
        assertThat(fixture.store.count("get")).isEqualTo(7);
        assertThat(fixture.store.count("range")).isEqualTo(1);
    }

    @Test
    void recordsFarAheadOfTheirTimeAreFoundByANewLeaderToo() {
        // Given a topic that lets them in, one of them, and later ones that are not as far
        log.stored().changeSettings(withLead(Long.MAX_VALUE));
        long ahead = START_MS + Duration.ofDays(30).toMillis();
        append(ahead);
        writeSegment();
        fixture.time.advance(Duration.ofDays(3));
        append(fixture.time.wallClockMs());
        writeSegment();
        for (int leader = 0; leader < 2; leader++) {
            // Then
            assertThat(at(ahead - 1)).isEqualTo(new OffsetAnswer(0, ahead, 0));
            assertThat(lookup(new OffsetQuery.MaxTimestamp())).isEqualTo(new OffsetAnswer(0, ahead, 0));
            // When
            takeOver();
            log.stored().changeSettings(withLead(Long.MAX_VALUE));
        }
    }

    private static TopicSettings withLead(long timestampLeadMs) {
        TopicSettings usual = Knobs.topic(1 << 20, Duration.ofMinutes(10));
        return new TopicSettings(
                usual.retention(),
                usual.retentionBytes(),
                usual.segmentBytes(),
                usual.segmentAge(),
                usual.keepsEverything(),
                timestampLeadMs);
    }

    @Test
    void segmentsWrittenLongBeforeTheTimeAreNotLookedAt() {
        // Given a segment a day, the last ones today
        for (int i = 0; i < 5; i++) {
            append(fixture.time.wallClockMs());
            fixture.time.advance(Duration.ofHours(30));
        }
        takeOver();
        fixture.store.forget();
        long now = fixture.time.wallClockMs();

        // When
        assertThat(at(now)).isEqualTo(OffsetAnswer.NONE);

        // Then
        assertThat(fixture.store.count("get")).isLessThanOrEqualTo(1);
    }

    @Test
    void epochsEndWhereTheNextOneBegan() {
        // Given epochs 0, 2 and 4 with two records each, 1 and 3 with none, two of them in segments
        for (int i = 0; i < 3; i++) {
            append(START_MS);
            append(START_MS);
            if (i < 2) {
                writeSegment();
                takeOver();
                takeOver();
            }
        }

        // Then
        assertThat(log.leaderEpoch()).isEqualTo(4);
        assertThat(end(4)).isEqualTo(new EpochEnd(4, 6));
        assertThat(end(2)).isEqualTo(new EpochEnd(2, 4));
        assertThat(end(0)).isEqualTo(new EpochEnd(0, 2));
        assertThat(end(5)).isEqualTo(EpochEnd.UNDEFINED);
        assertThat(end(-1)).isEqualTo(EpochEnd.UNDEFINED);
        assertThat(end(1)).isEqualTo(new EpochEnd(0, 2));
        assertThat(end(3).endOffset()).isEqualTo(4);
    }

    @Test
    void anEpochOlderThanTheLogEndsWhereTheLogStarts() {
        append(START_MS);
        takeOver();
        append(START_MS);
        writeSegment();
        takeOver();
        fixture.get(log.stored().advanceLogStart(1));
        fixture.store.remove(log.stored().place().segmentKey(fixture.layout, 0));
        assertThat(log.leaderEpoch()).isEqualTo(2);
        assertThat(fixture.get(fixture.session().epochs.endOf(log, 2))).isEqualTo(new EpochEnd(2, 2));
    }

    @Test
    void aLookupOfAnEpochPassesOverSegmentsThatAreDeletedMeanwhile() {
        // Given epochs 0, 1 and 2, each with a record in a segment of its own, all of them beyond the tenures that are
        // known
        for (int i = 0; i < 3; i++) {
            append(START_MS);
            writeSegment();
            takeOver();
        }
        fixture.store.latency(Duration.ofSeconds(2));
        var answer = fixture.session().epochs.endOf(log, 0);
        fixture.time.advance(Duration.ofSeconds(5));
        // When
        deleteTheFirstSegment();
        // Then
        assertThat(fixture.get(answer)).isEqualTo(new EpochEnd(0, 1));
    }

    private EpochEnd end(int epoch) {
        return fixture.get(fixture.session().epochs.endOf(log, epoch));
    }
}
