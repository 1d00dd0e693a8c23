package io.kafscale.metastore.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.metastore.TestSeed;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PartitionRecordTest {
    private static final UUID TOPIC = new UUID(1, 2);
    private static final BrokerIncarnation ONE = new BrokerIncarnation(1, 10);
    private static final BrokerIncarnation TWO = new BrokerIncarnation(2, 11);

    private final PartitionRecord first = PartitionRecord.first(TOPIC, 0, ONE);

    @Test
    void theFirstLeaderBeginsAtOffsetZeroInEpochZero() {
        assertThat(first.leaderEpoch()).isZero();
        assertThat(first.openTenure()).contains(Tenure.open(0, ONE, 0));
        assertThat(first.endOffset()).isEmpty();
        assertThat(first.ledBy(ONE)).isTrue();
    }

    @Test
    void aTakeoverClosesTheOpenTenureAndOpensTheNextWhereItEnds() {
        PartitionRecord taken = first.takeOver(TWO, 100);
        assertThat(taken.leader()).isEqualTo(TWO);
        assertThat(taken.leaderEpoch()).isEqualTo(1);
        assertThat(taken.tenures()).containsExactly(new Tenure(0, ONE, 0, 100), Tenure.open(1, TWO, 100));
        assertThat(taken.counts(ONE, 0, 90, 99)).isTrue();
        assertThat(taken.counts(ONE, 0, 90, 100)).isFalse();
        assertThat(taken.counts(ONE, 1, 90, 99)).isFalse();
        assertThat(taken.counts(TWO, 1, 100, 100)).isTrue();
        assertThat(taken.counts(TWO, 1, 99, 100)).isFalse();
    }

    @Test
    void aReleasedPartitionIsAcquiredAtItsFinalOffset() {
        PartitionRecord released = first.release(50);
        assertThat(released.leader()).isNull();
        assertThat(released.endOffset()).hasValue(50);
        PartitionRecord again = released.acquire(ONE);
        assertThat(again.leaderEpoch()).isEqualTo(1);
        assertThat(again.tenures()).containsExactly(new Tenure(0, ONE, 0, 50), Tenure.open(1, ONE, 50));
    }

    @Test
    void tenuresThatHoldNothingAreForgotten() {
        PartitionRecord record = first.takeOver(TWO, 10);
        for (int i = 0; i < 100; i++) {
            record = record.takeOver(i % 2 == 0 ? ONE : TWO, 10);
        }
        assertThat(record.leaderEpoch()).isEqualTo(101);
        assertThat(record.tenures()).containsExactly(new Tenure(0, ONE, 0, 10), Tenure.open(101, TWO, 10));
    }

    @Test
    void segmentsAndDeletedRecordsMakeTenuresSuperfluous() {
        PartitionRecord record = first.takeOver(TWO, 10).takeOver(ONE, 20).takeOver(TWO, 30);
        assertThat(record.advanceSegmentEnd(10).tenures()).hasSize(3);
        assertThat(record.advanceSegmentEnd(15).tenures().getFirst()).isEqualTo(new Tenure(1, TWO, 10, 20));
        assertThat(record.advanceLogStart(20).tenures()).hasSize(2);
        PartitionRecord all = record.advanceSegmentEnd(35);
        assertThat(all.tenures()).containsExactly(Tenure.open(3, TWO, 30));
        assertThat(all.release(35).tenures()).isEmpty();
        assertThat(all.release(35).endOffset()).hasValue(35);
        assertThat(all.release(35).acquire(ONE).tenures()).containsExactly(Tenure.open(4, ONE, 35));
    }

    @Test
    void theNinthTenureHasToWaitForSegments() {
        PartitionRecord record = first;
        for (int i = 1; i < PartitionRecord.MAX_TENURES; i++) {
            record = record.takeOver(i % 2 == 0 ? ONE : TWO, i * 10L);
        }
        PartitionRecord full = record;
        assertThat(full.hasRoomForTenure()).isFalse();
        assertThatThrownBy(() -> full.takeOver(ONE, 80))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("segments must be written first");
        assertThat(full.advanceSegmentEnd(10).takeOver(ONE, 80).leaderEpoch()).isEqualTo(8);
    }

    @Test
    void whatIsIllegalIsNamed() {
        PartitionRecord released = first.release(50);
        assertIllegal(() -> first.takeOver(ONE, 5), "which leads it");
        assertIllegal(() -> first.takeOver(new BrokerIncarnation(1, 9), 5), "an earlier incarnation");
        assertIllegal(() -> first.acquire(TWO), "it has a leader");
        assertIllegal(() -> released.takeOver(TWO, 60), "nobody leads it");
        assertIllegal(() -> released.release(60), "nobody leads it");
        assertIllegal(() -> first.advanceSegmentEnd(30).release(20), "end at 20");
        assertIllegal(() -> first.takeOver(TWO, 10).release(9), "end at 9");
        assertIllegal(() -> first.release(Tenure.OPEN), "end at");
        assertIllegal(() -> first.advanceLogStart(5).advanceLogStart(4), "log start back to 4");
        assertIllegal(() -> first.advanceSegmentEnd(5).advanceSegmentEnd(4), "segment end back to 4");
        assertIllegal(() -> released.advanceLogStart(51), "log start beyond its end to 51");
        assertIllegal(() -> released.advanceSegmentEnd(51), "segment end beyond its end to 51");
    }

    @Test
    void recordsWhoseTotalMakesNoSenseCannotBe() {
        Tenure closed = new Tenure(0, ONE, 0, 10);
        assertImpossible(ONE, 1, List.of(closed));
        assertImpossible(null, 0, List.of(Tenure.open(0, ONE, 0)));
        assertImpossible(ONE, 0, List.of());
        assertImpossible(TWO, 0, List.of(Tenure.open(0, ONE, 0)));
        assertImpossible(ONE, 1, List.of(Tenure.open(0, ONE, 0)));
        assertImpossible(TWO, 1, List.of(closed, Tenure.open(1, TWO, 11)));
        assertImpossible(TWO, 1, List.of(Tenure.open(1, TWO, 5)));
        assertImpossible(null, 0, List.of(new Tenure(1, ONE, 0, 10)));
        assertImpossible(null, 0, List.of(new Tenure(0, ONE, 0, 0)));
    }

    /** Random lives of a partition, against a list that says which stream and epoch wrote each offset. */
    @Test
    void everyOffsetThatOnlyTheWalHasCountsInTheTenureThatWroteIt() {
        long seed = TestSeed.of(PartitionRecordTest.class);
        var random = new Random(seed);
        for (int run = 0; run < 300; run++) {
            var life = new Life(random);
            for (int step = 0; step < 60; step++) {
                life.step();
                life.check();
            }
        }
    }

    private static void assertIllegal(Runnable move, String what) {
        assertThatThrownBy(move::run)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(TOPIC.toString())
                .hasMessageContaining(what);
    }

    private static void assertImpossible(@Nullable BrokerIncarnation leader, int epoch, List<Tenure> tenures) {
        assertThatThrownBy(() -> new PartitionRecord(TOPIC, 0, leader, epoch, 0, 0, tenures))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static final class Life {
        private record Written(BrokerIncarnation by, int epoch) {}

        private final Random random;
        private final List<Written> log = new ArrayList<>();
        private PartitionRecord record = PartitionRecord.first(TOPIC, 0, ONE);
        private long nextBrokerEpoch = 100;

        Life(Random random) {
            this.random = random;
        }

        void step() {
            PartitionRecord before = record;
            switch (random.nextInt(6)) {
                case 0, 1 -> append();
                case 2 -> changeLeader();
                case 3 -> record = record.leader() == null ? record : record.release(log.size());
                case 4 -> record = record.advanceSegmentEnd(between(record.segmentEndOffset()));
                default -> record = record.advanceLogStart(between(record.logStartOffset()));
            }
            assertThat(record.leaderEpoch()).isGreaterThanOrEqualTo(before.leaderEpoch());
            assertThat(record.logStartOffset()).isGreaterThanOrEqualTo(before.logStartOffset());
            assertThat(record.segmentEndOffset()).isGreaterThanOrEqualTo(before.segmentEndOffset());
        }

        private void append() {
            BrokerIncarnation leader = record.leader();
            if (leader != null) {
                for (int i = random.nextInt(4); i > 0; i--) {
                    log.add(new Written(leader, record.leaderEpoch()));
                }
            }
        }

        private void changeLeader() {
            var next = new BrokerIncarnation(random.nextInt(3), nextBrokerEpoch++);
            int epoch = record.leaderEpoch();
            if (!record.hasRoomForTenure()) {
                record = record.advanceSegmentEnd(Math.max(record.segmentEndOffset(), log.size()));
            }
            record = record.leader() == null ? record.acquire(next) : record.takeOver(next, log.size());
            assertThat(record.leaderEpoch()).isEqualTo(epoch + 1);
        }

        private long between(long from) {
            return from + random.nextLong(log.size() - from + 1);
        }

        void check() {
            for (long offset = record.coveredOffset(); offset < log.size(); offset++) {
                Written written = log.get((int) offset);
                assertThat(record.counts(written.by(), written.epoch(), offset, offset))
                        .isTrue();
            }
            if (record.leader() == null) {
                assertThat(record.endOffset()).hasValue(log.size());
            } else {
                assertThat(record.counts(record.leader(), record.leaderEpoch(), log.size(), log.size() + 5))
                        .isTrue();
            }
            assertThat(record.tenures())
                    .allSatisfy(tenure -> assertThat(tenure.endOffset()).isGreaterThan(record.coveredOffset()));
        }
    }
}
