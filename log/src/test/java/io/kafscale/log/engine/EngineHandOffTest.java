package io.kafscale.log.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.format.StreamId;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.engine.FaultyMetadata.Fate;
import io.kafscale.log.fixture.Batches;
import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.Transaction;
import io.kafscale.metastore.cluster.BrokerAvailability.State;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.TopicRecord;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One partition goes from one live broker to another, and everything that can go wrong with that does. */
class EngineHandOffTest extends HandOffScenario {
    @Test
    void theNewLeaderReadsTheOpenStreamAndLeavesItAlone() {
        // When
        move();
        untilLedBy(to);
        // Then
        assertThat(to.produce(id, "c").baseOffset()).isEqualTo(2);
        assertThat(to.values(id)).containsExactly("a", "b", "c");
        assertThat(stored().tenures())
                .extracting(tenure -> tenure.startOffset())
                .containsExactly(0L, 2L);
        assertThat(from.engine.session().ended()).isNull();
        TopicRecord other = from.create("payments", 4);
        int own = from.leads(other).getFirst();
        assertThat(from.produce(TestBroker.partition(other, own), "goes on").baseOffset())
                .isZero();
    }

    @Test
    void whatWasAppendedBeforeIsDurableBeforeTheRelease() {
        // Given a store so slow that the append is under way when the hand-off begins
        cluster.objects.latency(HandOver.LEAD.multipliedBy(2));
        var underWay = from.append(id, Batches.of(0, "c"));
        cluster.advance(Duration.ofMillis(50));
        // When
        move();
        cluster.advance(HandOver.LEAD.plusMillis(100));
        var refused = from.append(id, Batches.of(0, "refused"));
        // Then
        assertThat(stored().ledBy(from.engine.session().incarnation())).isTrue();
        assertThat(cluster.await(underWay).baseOffset()).isEqualTo(2);
        assertThat(cluster.kind(refused)).isEqualTo(Kind.NOT_LEADER);
        untilLedBy(to);
        assertThat(to.values(id)).containsExactly("a", "b", "c");
    }

    @Test
    void aReleaseWhoseAnswersAreLostIsSettled() {
        // Given
        from.metadata.commits(transaction -> FaultyMetadata.leads(transaction, false), Fate.ANSWER_LOST);
        // When
        move();
        untilLedBy(to);
        // Then
        assertThat(to.produce(id, "c").baseOffset()).isEqualTo(2);
        cluster.advance(Duration.ofSeconds(10));
        assertThat(from.metadata.lost()).isNotEmpty();
        from.metadata.heal();
        cluster.until(() -> from.engine.session().moves().handOver().isIdle());
        assertThat(to.values(id)).containsExactly("a", "b", "c");
        assertThat(stored().leaderEpoch()).isEqualTo(1);
        assertThat(cluster.kind(from.append(id, Batches.of(0, "x")))).isEqualTo(Kind.NOT_LEADER);
    }

    @Test
    void aReleaseThatDoesNotArriveIsRepeatedAndNobodyLeadsMeanwhile() {
        // Given
        from.metadata.commits(transaction -> FaultyMetadata.leads(transaction, false), Fate.LOST);
        // When
        move();
        cluster.advance(Duration.ofSeconds(20));
        // Then
        assertThat(stored().ledBy(from.engine.session().incarnation())).isTrue();
        assertThat(cluster.kind(from.append(id, Batches.of(0, "x")))).isEqualTo(Kind.NOT_LEADER);
        assertThat(from.engine.session().moves().handOver().isReleasing(id)).isTrue();
        from.metadata.heal();
        untilLedBy(to);
        assertThat(to.produce(id, "c").baseOffset()).isEqualTo(2);
        assertThat(to.values(id)).containsExactly("a", "b", "c");
    }

    @Test
    void noMoreIsGivenUpUntilWhatWasGivenUpIsReleased() {
        // Given more to hand over than is given up at a time, and releases that do not arrive
        TopicRecord many = from.create("many", 300);
        int led = from.leads(many).size();
        from.metadata.commits(transaction -> FaultyMetadata.leads(transaction, false), Fate.LOST);
        cluster.await(from.engine.announce(State.DRAINING));
        cluster.until(() -> !from.metadata.lost().isEmpty());
        cluster.advance(Duration.ofSeconds(1));
        int kept = from.leads(many).size();
        assertThat(kept).isBetween(1, led - 1);
        // When they are repeated, and it is not known whether they arrive
        from.metadata.commits(transaction -> FaultyMetadata.leads(transaction, false), Fate.HELD);
        cluster.until(from.metadata::holdsSome);
        to.create("other", 1);
        cluster.advance(Duration.ofSeconds(1));
        // Then
        assertThat(from.leads(many)).hasSize(kept);
        from.metadata.sendOn();
        cluster.until(() -> from.engine.session().moves().isDrained());
        cluster.until(() -> to.leads(many).size() == 300);
    }

    @Test
    void whoGaveUpAndIsToLeadAfterAllDoesSoInANewEpoch() {
        // Given
        from.metadata.commits(transaction -> FaultyMetadata.leads(transaction, false), Fate.LOST);
        move();
        cluster.advance(Duration.ofSeconds(5));
        // When
        cluster.await(placement.unpin(id));
        cluster.advance(Duration.ofSeconds(5));
        // Then
        assertThat(cluster.kind(from.append(id, Batches.of(0, "x")))).isEqualTo(Kind.NOT_LEADER);
        from.metadata.heal();
        untilLedBy(from);
        assertThat(from.status(id).leaderEpoch()).isEqualTo(1);
        assertThat(from.produce(id, "c").baseOffset()).isEqualTo(2);
        assertThat(from.values(id)).containsExactly("a", "b", "c");
    }

    @Test
    void aReleaseThatArrivesTwiceOrLateChangesNothing() {
        // Given
        from.metadata.commits(transaction -> FaultyMetadata.leads(transaction, false), Fate.LOST);
        move();
        cluster.until(() -> !from.metadata.lost().isEmpty());
        Transaction release = from.metadata.lost().getFirst();
        from.metadata.heal();
        untilLedBy(to);
        to.produce(id, "c");
        PartitionRecord before = stored();
        // When
        var late = cluster.await(cluster.metadata.commit(release));
        // Then
        assertThat(late).isInstanceOf(CommitResult.Conflict.class);
        assertThat(stored()).isEqualTo(before);
        assertThat(to.produce(id, "d").baseOffset()).isEqualTo(3);
    }

    @Test
    void aNewLeaderThatDiesBeforeItLeadsLeavesThePartitionToTheOldOne() {
        // Given
        to.metadata.commits(transaction -> FaultyMetadata.leads(transaction, true), Fate.LOST);
        move();
        cluster.until(() -> stored().leader() == null);
        // When
        to.crash();
        cluster.removeRegistration(to.id);
        untilLedBy(from);
        // Then
        assertThat(from.status(id).leaderEpoch()).isEqualTo(1);
        assertThat(from.produce(id, "c").baseOffset()).isEqualTo(2);
        assertThat(from.values(id)).containsExactly("a", "b", "c");
    }

    @Test
    void aBrokerThatLearnsLateThatItLeadsHandsOverWhatThePlanGivesToAnotherByThen() {
        // Given an acquisition that arrives, of which the broker cannot find out
        to.metadata.commits(transaction -> FaultyMetadata.leads(transaction, true), Fate.ANSWER_LOST);
        move();
        cluster.until(() -> stored().ledBy(to.engine.session().incarnation()));
        to.metadata.readsFail(true);
        // When the plan changes before it can
        cluster.await(placement.unpin(id));
        cluster.advance(Duration.ofSeconds(10));
        to.metadata.readsFail(false);
        to.metadata.heal();
        // Then
        untilLedBy(from);
        assertThat(from.produce(id, "c").baseOffset()).isEqualTo(2);
        assertThat(from.values(id)).containsExactly("a", "b", "c");
        assertThat(to.leads(topic)).isEmpty();
    }

    @Test
    void whoGaveUpLeadsNeverAgainInThatEpochHoweverLateTheNewsOfItComes() {
        // Given a broker that hears late, and leads what another led and gave up since what it has heard
        to.metadata.commits(transaction -> FaultyMetadata.leads(transaction, true), Fate.HELD);
        move();
        cluster.until(to.metadata::holdsSome);
        to.metadata.holdWatches();
        cluster.await(placement.unpin(id));
        long notToLead = cluster.revision();
        untilLedBy(from);
        from.metadata.commits(transaction -> FaultyMetadata.leads(transaction, true), Fate.LOST);
        move();
        cluster.until(() -> stored().leader() == null);
        cluster.await(placement.unpin(id));
        to.metadata.sendOn();
        untilLedBy(to);
        assertThat(to.status(id).leaderEpoch()).isEqualTo(2);
        // When it gives that up and then hears of how it came to lead
        to.metadata.commits(transaction -> FaultyMetadata.leads(transaction, false), Fate.HELD);
        to.metadata.report(notToLead);
        cluster.until(to.metadata::holdsSome);
        to.metadata.report(cluster.revision());
        move();
        long toLead = cluster.revision();
        to.metadata.sendOn();
        cluster.until(() -> stored().leader() == null);
        to.metadata.report(toLead);
        cluster.settle();
        // Then
        assertThat(cluster.kind(to.append(id, Batches.of(0, "of no tenure")))).isEqualTo(Kind.NOT_LEADER);
        to.metadata.reportAll();
        untilLedBy(to);
        assertThat(to.status(id).leaderEpoch()).isEqualTo(3);
    }

    @Test
    void anOldLeaderThatDiesRightAfterTheReleaseTakesNothingWithIt() {
        // Given
        to.metadata.commits(transaction -> FaultyMetadata.leads(transaction, true), Fate.HELD);
        move();
        cluster.until(to.metadata::holdsSome);
        // When
        from.crash();
        cluster.removeRegistration(from.id);
        cluster.settle();
        to.metadata.sendOn();
        untilLedBy(to);
        // Then
        assertThat(to.produce(id, "c").baseOffset()).isEqualTo(2);
        assertThat(to.values(id)).containsExactly("a", "b", "c");
    }

    @Test
    void chunksInTheStreamOfAnOldLeaderThatDiedLaterAreFoundByTheNextOne() {
        // Given
        move();
        untilLedBy(to);
        to.produce(id, "c");
        StreamId old = from.stream();
        from.crash();
        cluster.removeRegistration(from.id);
        cluster.advance(Duration.ofMinutes(3));
        // When
        to.crash();
        cluster.outliveLeases();
        TestBroker third = cluster.servingBroker(3);
        // Then
        assertThat(third.values(id)).containsExactly("a", "b", "c");
        assertThat(third.produce(id, "d").baseOffset()).isEqualTo(3);
        assertThat(third.record(id).leaderEpoch()).isEqualTo(2);
        assertThat(cluster.objects.keys("test/.wal/" + old.brokerId() + "-" + old.brokerEpoch() + "/"))
                .isNotEmpty();
    }

    @Test
    void theOldLeadersObjectsStayUntilSegmentsCoverThemAndAreTrimmedThen() {
        // Given
        move();
        untilLedBy(to);
        to.produce(id, "c");
        String first = cluster.layout.walKey(from.stream(), 1);
        cluster.advance(Duration.ofMinutes(9));
        assertThat(cluster.objects.keys("test/.wal/")).contains(first);
        assertThat(from.engine.session().formerPartitions()).isEqualTo(1);
        // When
        cluster.advance(Duration.ofMinutes(3));
        TopicRecord other = from.create("payments", 4);
        from.produce(TestBroker.partition(other, from.leads(other).getFirst()), "carries the trim position");
        cluster.advance(Duration.ofMinutes(3));
        // Then
        assertThat(cluster.objects.keys("test/.wal/")).doesNotContain(first);
        assertThat(from.engine.session().formerPartitions()).isZero();
        assertThat(to.values(id)).containsExactly("a", "b", "c");
    }

    @Test
    void aPartitionThatComesBackIsAnsweredForOnce() {
        // Given
        move();
        untilLedBy(to);
        to.produce(id, "c");
        cluster.await(placement.unpin(id));
        untilLedBy(from);
        from.produce(id, "d");
        assertThat(from.engine.session().formerPartitions()).isZero();
        assertThat(from.values(id)).containsExactly("a", "b", "c", "d");
        // When
        cluster.advance(Duration.ofMinutes(15));
        TopicRecord other = from.create("payments", 4);
        from.produce(TestBroker.partition(other, from.leads(other).getFirst()), "carries the trim position");
        cluster.advance(Duration.ofMinutes(3));
        // Then
        assertThat(cluster.objects.keys("test/.wal/"))
                .doesNotContain(cluster.layout.walKey(from.stream(), 1), cluster.layout.walKey(from.stream(), 3));
        assertThat(from.engine.session().wal().neededObjects()).isEqualTo(1);
        assertThat(from.values(id)).containsExactly("a", "b", "c", "d");
    }

    @Test
    void aTopicThatIsDeletedAfterTheHandOffFreesTheOldLeadersObjects() {
        // Given
        move();
        untilLedBy(to);
        assertThat(from.engine.session().wal().neededObjects()).isEqualTo(2);
        // When
        to.delete(topic);
        cluster.settle();
        // Then
        assertThat(from.engine.session().wal().neededObjects()).isZero();
        assertThat(from.engine.session().formerPartitions()).isZero();
    }

    @Test
    void manyMovesWriteSegmentsBeforeThereAreTooManyTenures() {
        for (int move = 0; move < 12; move++) {
            TestBroker next = move % 2 == 0 ? to : from;
            TestBroker before = move % 2 == 0 ? from : to;
            before.produce(id, "move " + move);
            cluster.await(placement.pin(topic, 0, next.id));
            untilLedBy(next);
            assertThat(before.leads(topic)).isEmpty();
        }
        assertThat(from.values(id)).hasSize(14).endsWith("move 11");
        assertThat(stored().leaderEpoch()).isEqualTo(12);
    }

    @Test
    void producersOfTheOldLeaderAreKnownToTheNewOne() {
        // Given
        cluster.await(from.append(id, Batches.by(7, 0, 0, 1)));
        cluster.await(from.append(id, Batches.by(7, 0, 1, 1)));
        // When
        move();
        untilLedBy(to);
        // Then
        assertThat(cluster.await(to.append(id, Batches.by(7, 0, 1, 1))).baseOffset())
                .isEqualTo(3);
        assertThat(cluster.kind(to.append(id, Batches.by(7, 0, 5, 1)))).isEqualTo(Kind.OUT_OF_ORDER_SEQUENCE);
        assertThat(cluster.await(to.append(id, Batches.by(7, 0, 2, 1))).baseOffset())
                .isEqualTo(4);
    }

    @Test
    void aBrokerWithoutMetadataHandsNothingOver() {
        // Given a broker whose lease is not confirmed, and that learned before of a partition to give up
        from.metadata.commits(transaction -> FaultyMetadata.leads(transaction, false), Fate.LOST);
        move();
        cluster.until(() -> !from.metadata.lost().isEmpty());
        TopicRecord other = to.create("payments", 8);
        List<Integer> kept = from.leads(other);
        // When
        cluster.await(placement.pin(other, kept.getFirst(), to.id));
        cluster.advance(Duration.ofSeconds(5));
        // Then
        PartitionId next = TestBroker.partition(other, kept.getFirst());
        assertThat(from.produce(next, "still served").baseOffset()).isZero();
        from.metadata.heal();
        cluster.until(() -> to.leads(other).contains(kept.getFirst()));
        assertThat(to.values(next)).containsExactly("still served");
    }
}
