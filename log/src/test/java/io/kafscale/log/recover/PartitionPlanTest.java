package io.kafscale.log.recover;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.format.StreamId;
import io.kafscale.log.recover.FoundDirectory.Segments;
import io.kafscale.log.recover.FoundStream.Run;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.Tenure;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the record of a partition becomes, case by case. */
class PartitionPlanTest {
    private static final PartitionId ID = new PartitionId(new UUID(1, 2), 3);
    private static final int FLOOR = 1 << 16;

    private static BrokerIncarnation incarnation(long epoch) {
        return new BrokerIncarnation(1, epoch);
    }

    private static Run run(long stream, int epoch, long first, long last) {
        return new Run(new StreamId(1, stream), epoch, first, last);
    }

    private static Segments segments(long... firstsAndLasts) {
        var segments = new Segments();
        for (int i = 0; i < firstsAndLasts.length; i += 2) {
            segments.add(firstsAndLasts[i], firstsAndLasts[i + 1]);
        }
        return segments;
    }

    private static PartitionRecord old(int epoch, long logStart, long segmentEnd, Tenure... tenures) {
        boolean open = tenures.length > 0 && tenures[tenures.length - 1].isOpen();
        return new PartitionRecord(
                ID.topicId(),
                ID.partition(),
                open ? tenures[tenures.length - 1].stream() : null,
                epoch,
                logStart,
                segmentEnd,
                List.of(tenures));
    }

    private static PartitionPlan.Result plan(@Nullable PartitionRecord old, @Nullable Segments segments, Run... runs) {
        return new PartitionPlan(ID, "orders-3", old, segments, List.of(runs), true, FLOOR).result();
    }

    private static boolean damaged(PartitionPlan.Result result) {
        return result.notes().stream().anyMatch(note -> note.kind() == RecoveryNote.Kind.DAMAGE);
    }

    @Test
    void nothingAtAllIsAnEmptyPartition() {
        var result = plan(null, null);
        assertThat(result.record()).isEqualTo(old(FLOOR, 0, 0));
        assertThat(result.notes()).isEmpty();
    }

    @Test
    void segmentsThenStreams() {
        var result = plan(null, segments(0, 9, 10, 19), run(4, 0, 15, 29), run(7, 2, 30, 34));
        assertThat(result.record())
                .isEqualTo(old(
                        FLOOR, 0, 20, new Tenure(0, incarnation(4), 15, 30), new Tenure(2, incarnation(7), 30, 35)));
        assertThat(result.notes()).isEmpty();
    }

    @Test
    void chunksBelowTheSegmentEndAreForgotten() {
        var result = plan(null, segments(0, 19), run(4, 0, 0, 9), run(5, 1, 10, 19));
        assertThat(result.record()).isEqualTo(old(FLOOR, 0, 20));
    }

    @Test
    void segmentsMayOverlapAndStartLate() {
        var result = plan(null, segments(100, 109, 105, 119, 120, 129));
        assertThat(result.record()).isEqualTo(old(FLOOR, 100, 130));
        assertThat(result.notes()).isEmpty();
    }

    @Test
    void aHoleBetweenSegmentsIsReportedAndTheLogGoesOn() {
        var result = plan(null, segments(0, 9, 20, 29), run(4, 0, 30, 34));
        assertThat(result.record()).isEqualTo(old(FLOOR, 0, 30, new Tenure(0, incarnation(4), 30, 35)));
        assertThat(damaged(result)).isTrue();
    }

    @Test
    void aHoleThatStreamsFillEndsTheSegments() {
        var result = plan(null, segments(0, 9, 20, 29), run(4, 0, 5, 34));
        assertThat(result.record()).isEqualTo(old(FLOOR, 0, 10, new Tenure(0, incarnation(4), 5, 35)));
        assertThat(damaged(result)).isFalse();
    }

    @Test
    void aHoleBehindTheSegmentsKeepsThePartitionClosed() {
        var result = plan(null, segments(0, 9), run(4, 0, 15, 19));
        assertThat(damaged(result)).isTrue();
        // A leader finds nothing at 10 and does not open it.
        assertThat(result.record()).isEqualTo(old(FLOOR, 0, 10, new Tenure(0, incarnation(4), 10, 20)));
    }

    @Test
    void aHoleBetweenLeadersKeepsThePartitionClosed() {
        var result = plan(null, segments(0, 9), run(4, 0, 10, 14), run(5, 1, 20, 24));
        assertThat(damaged(result)).isTrue();
        assertThat(result.record())
                .isEqualTo(old(
                        FLOOR, 0, 10, new Tenure(0, incarnation(4), 10, 20), new Tenure(1, incarnation(5), 20, 25)));
    }

    @Test
    void offsetsThatTwoLeadersWroteKeepThePartitionClosed() {
        var result = plan(null, null, run(4, 0, 0, 14), run(5, 1, 10, 24));
        assertThat(damaged(result)).isTrue();
        assertThat(result.record().tenures()).containsExactly(new Tenure(1, incarnation(5), 0, 25));
    }

    @Test
    void aHoleBetweenStreamsWithoutSegmentsIsBelowTheLogStart() {
        var result = plan(null, null, run(4, 0, 50, 59), run(5, 1, 90, 99));
        assertThat(damaged(result)).isFalse();
        assertThat(result.record()).isEqualTo(old(FLOOR, 90, 90, new Tenure(1, incarnation(5), 90, 100)));
    }

    @Test
    void anOldRecordKeepsItsLogStartAndGivesItsTenuresBounds() {
        var before = old(5, 3, 10, Tenure.open(5, incarnation(4), 8));
        var result = plan(before, segments(0, 9, 10, 19), run(4, 5, 18, 29));
        assertThat(result.record()).isEqualTo(old(FLOOR, 3, 20, new Tenure(5, incarnation(4), 18, 30)));
        assertThat(result.notes()).isEmpty();
    }

    @Test
    void epochsNeverGoBack() {
        var before = old(FLOOR + 7, 0, 10);
        assertThat(plan(before, segments(0, 9)).record().leaderEpoch()).isEqualTo(FLOOR + 7);
        var seen = segments(0, 9);
        seen.greatestEpoch = FLOOR + 9;
        assertThat(plan(before, seen).record().leaderEpoch()).isEqualTo(FLOOR + 9);
        assertThat(plan(before, seen, run(4, FLOOR + 11, 10, 10)).record().leaderEpoch())
                .isEqualTo(FLOOR + 11);
    }

    @Test
    void whatAnOldRecordProvesIsMissed() {
        var before = old(5, 0, 10, new Tenure(4, incarnation(3), 10, 15), Tenure.open(5, incarnation(4), 15));
        var result = plan(before, segments(0, 9));
        assertThat(damaged(result)).isTrue();
        assertThat(result.record()).isEqualTo(old(FLOOR, 0, 10, new Tenure(5, incarnation(4), 10, 15)));
        var half = plan(before, segments(0, 9), run(3, 4, 10, 12));
        assertThat(damaged(half)).isTrue();
        assertThat(half.record()).isEqualTo(old(FLOOR, 0, 10, new Tenure(4, incarnation(3), 10, 15)));
    }

    @Test
    void aPartitionOfWhichNothingIsLeftGoesOnBehindWhatWasKnown() {
        var before = old(5, 3, 10, Tenure.open(5, incarnation(4), 15 - 5));
        var result = plan(before, null);
        assertThat(result.record()).isEqualTo(old(FLOOR, 10, 10));
        assertThat(result.notes()).extracting(RecoveryNote::kind).containsExactly(RecoveryNote.Kind.LOST);
    }

    @Test
    void moreTenuresThanARecordHoldsKeepThePartitionClosed() {
        var runs = new Run[9];
        for (int i = 0; i < 9; i++) {
            runs[i] = run(i + 1, i, i * 10L, i * 10L + 9);
        }
        var result = plan(null, null, runs);
        assertThat(damaged(result)).isTrue();
        assertThat(result.record().tenures()).containsExactly(new Tenure(8, incarnation(9), 0, 90));
    }
}
