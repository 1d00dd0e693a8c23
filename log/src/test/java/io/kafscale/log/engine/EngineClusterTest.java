package io.kafscale.log.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.log.FetchResult;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.engine.FaultyMetadata.Fate;
import io.kafscale.log.fixture.Batches;
import io.kafscale.metastore.cluster.BrokerAvailability;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.PlacementStore;
import io.kafscale.metastore.cluster.TopicRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Several brokers over one object store and one metadata store. */
class EngineClusterTest {
    private final TestCluster cluster = new TestCluster();

    @Test
    void eachBrokerLeadsItsShareAndATopicIsReadyEverywhereWhenAllAreLed() {
        // Given
        List<TestBroker> brokers = cluster.serving(3);
        // When
        TopicRecord topic = brokers.get(1).create("orders", 30);
        // Then
        for (int partition = 0; partition < 30; partition++) {
            PartitionId id = TestBroker.partition(topic, partition);
            TestBroker leader = TestCluster.planned(brokers, id);
            assertThat(leader.produce(id, "a").baseOffset()).isZero();
            for (TestBroker other : brokers) {
                if (other != leader) {
                    assertThat(cluster.kind(other.append(id, Batches.of(0, "x"))))
                            .isEqualTo(Kind.NOT_LEADER);
                }
            }
        }
        brokers.forEach(broker -> assertThat(broker.leads(topic)).hasSizeBetween(5, 15));
    }

    @Test
    void whatACrashedBrokerLedIsTakenByTheOthersAtOnceAndReadableOnce() {
        // Given
        List<TestBroker> brokers = cluster.serving(3);
        TopicRecord topic = brokers.getFirst().create("orders", 30);
        for (int round = 0; round < 3; round++) {
            for (int partition = 0; partition < 30; partition++) {
                PartitionId id = TestBroker.partition(topic, partition);
                TestCluster.planned(brokers, id).produce(id, "record " + round);
            }
        }
        TestBroker victim = brokers.get(1);
        List<Integer> orphaned = victim.leads(topic);
        var kept = List.of(brokers.get(0).leads(topic), brokers.get(2).leads(topic));
        victim.crash();
        // When
        cluster.removeRegistration(2);
        Duration took = cluster.until(() ->
                orphaned.stream().allMatch(partition -> isLed(brokers, TestBroker.partition(topic, partition))));
        // Then
        assertThat(took).isLessThan(Duration.ofSeconds(1));
        assertThat(brokers.get(0).leads(topic)).containsAll(kept.get(0));
        assertThat(brokers.get(2).leads(topic)).containsAll(kept.get(1));
        for (int partition = 0; partition < 30; partition++) {
            PartitionId id = TestBroker.partition(topic, partition);
            TestBroker leader = TestCluster.planned(brokers, id);
            assertThat(leader.values(id)).containsExactly("record 0", "record 1", "record 2");
            assertThat(leader.produce(id, "next").baseOffset()).isEqualTo(3);
            assertThat(leader.status(id).leaderEpoch()).isEqualTo(orphaned.contains(partition) ? 1 : 0);
        }
    }

    @Test
    void aPartitionWithoutRoomForATenureKeepsNoOtherFromBeingTaken() {
        // Given a partition that moves while no segment can be written
        List<TestBroker> brokers = cluster.serving(2);
        TopicRecord topic = brokers.getFirst().create("orders", 10);
        cluster.storeFails("put", ".kfs");
        PartitionId full = TestBroker.partition(topic, 0);
        TestBroker home = TestCluster.planned(brokers, full);
        TestBroker away = brokers.get(home == brokers.getFirst() ? 1 : 0);
        var placement = new PlacementStore(cluster.access());
        home.produce(full, "0");
        for (int move = 1; move < PartitionRecord.MAX_TENURES; move++) {
            TestBroker next = move % 2 == 0 ? home : away;
            cluster.await(placement.pin(topic, 0, next.id));
            cluster.until(() -> next.leads(topic).contains(0));
            next.produce(full, String.valueOf(move));
        }
        cluster.settle();
        assertThat(away.record(full).tenures()).hasSize(PartitionRecord.MAX_TENURES);
        // When its leader dies
        away.crash();
        cluster.removeRegistration(away.id);
        Duration took = cluster.until(() -> home.leads(topic).size() == 9);
        // Then
        assertThat(took).isLessThan(Duration.ofSeconds(1));
        assertThat(home.leads(topic)).doesNotContain(0);
        cluster.objects.heal();
        cluster.until(() -> home.leads(topic).contains(0));
        assertThat(home.values(full)).containsExactly("0", "1", "2", "3", "4", "5", "6", "7");
    }

    private static boolean isLed(List<TestBroker> brokers, PartitionId id) {
        return brokers.stream()
                .filter(TestBroker::isAlive)
                .anyMatch(broker -> broker.engine.session().partition(id).isPresent());
    }

    @Test
    void aBrokerThatJoinsIsHandedItsShareUnderLoadAndNothingIsLostDoubledOrReordered() {
        // Given
        List<TestBroker> brokers = new ArrayList<>(cluster.serving(1));
        TopicRecord topic = brokers.getFirst().create("orders", 20);
        var producers = new ArrayList<TestProducer>();
        for (int partition = 0; partition < 20; partition++) {
            producers.add(new TestProducer(brokers, TestBroker.partition(topic, partition), 100 + partition));
        }
        produce(producers, 50);
        // When
        brokers.add(cluster.broker(2));
        var started = brokers.get(1).start();
        produce(producers, 50);
        cluster.await(started);
        brokers.get(1).serve();
        produce(producers, 200);
        brokers.add(cluster.servingBroker(3));
        produce(producers, 200);
        finish(producers);
        // Then
        brokers.forEach(broker -> assertThat(broker.leads(topic)).isNotEmpty());
        assertServed(brokers, topic, producers);
        producers.forEach(producer -> {
            assertThat(producer.refusals()).isSubsetOf(Kind.NOT_LEADER);
            assertThat(producer.longestGapMs()).isLessThan(300);
        });
    }

    @Test
    void brokersThatStartTogetherShareWhatADeadOneLed() {
        // Given
        TestBroker dead = cluster.started();
        TopicRecord topic = dead.create("orders", 40);
        for (int partition = 0; partition < 40; partition++) {
            dead.produce(TestBroker.partition(topic, partition), "a");
        }
        dead.crash();
        cluster.outliveLeases();
        // When none of them knows of the others when it begins
        var brokers = List.of(cluster.broker(2), cluster.broker(3), cluster.broker(4));
        var starts = brokers.stream().map(TestBroker::start).toList();
        starts.forEach(cluster::await);
        brokers.forEach(TestBroker::serve);
        cluster.until(() ->
                brokers.stream().mapToInt(broker -> broker.leads(topic).size()).sum() == 40);
        cluster.settle();
        // Then
        for (int partition = 0; partition < 40; partition++) {
            PartitionId id = TestBroker.partition(topic, partition);
            assertThat(TestCluster.planned(brokers, id).values(id)).containsExactly("a");
        }
    }

    @Test
    void aDrainingBrokerHandsEverythingOverAndThenShutsDown() {
        // Given
        List<TestBroker> brokers = cluster.serving(3);
        TopicRecord topic = brokers.getFirst().create("orders", 20);
        var producers = new ArrayList<TestProducer>();
        for (int partition = 0; partition < 20; partition++) {
            producers.add(new TestProducer(brokers, TestBroker.partition(topic, partition), 100 + partition));
        }
        produce(producers, 50);
        // When
        brokers.getFirst().drain();
        assertThat(brokers.getFirst().leads(topic)).isEmpty();
        produce(producers, 50);
        brokers.getFirst().close();
        produce(producers, 50);
        finish(producers);
        // Then
        assertServed(brokers, topic, producers);
    }

    @Test
    void aDrainThatComesWhileABrokerStartsIsNotOverwrittenByItsBeingReady() {
        // Given
        TopicRecord topic = cluster.serving(1).getFirst().create("orders", 10);
        var placement = new PlacementStore(cluster.access());
        TestBroker early = cluster.broker(2);
        TestBroker late = cluster.broker(3);
        cluster.await(early.start());
        cluster.await(late.start());
        // When one is drained before it says that it is ready, and one while it says so
        drain(placement, early);
        early.serve();
        late.metadata.commits(
                transaction -> transaction.writes().stream()
                        .anyMatch(write -> write.key().contains("/availability/")),
                Fate.HELD);
        var ready = late.engine.announce(BrokerAvailability.State.SERVING);
        cluster.until(late.metadata::holdsSome);
        drain(placement, late);
        late.metadata.sendOn();
        cluster.await(ready);
        cluster.settle();
        // Then
        for (TestBroker broker : List.of(early, late)) {
            assertThat(broker.images.image().isDraining(broker.engine.session().incarnation()))
                    .isTrue();
            assertThat(broker.leads(topic)).isEmpty();
        }
    }

    private void drain(PlacementStore placement, TestBroker broker) {
        assertThat(cluster.await(placement.setAvailability(
                        broker.engine.session().incarnation(), BrokerAvailability.State.DRAINING)))
                .isTrue();
    }

    @Test
    void theOnlyBrokerHasNobodyToHandOverTo() {
        // Given
        TestBroker only = cluster.serving(1).getFirst();
        TopicRecord topic = only.create("orders", 3);
        // When
        only.drain();
        // Then
        assertThat(only.leads(topic)).hasSize(3);
        assertThat(only.produce(TestBroker.partition(topic, 0), "a").baseOffset())
                .isZero();
    }

    @Test
    void aPinnedPartitionMovesAndComesBack() {
        // Given
        List<TestBroker> brokers = cluster.serving(2);
        TopicRecord topic = brokers.getFirst().create("orders", 1);
        PartitionId id = TestBroker.partition(topic, 0);
        TestBroker home = TestCluster.planned(brokers, id);
        TestBroker away = brokers.get(home == brokers.getFirst() ? 1 : 0);
        home.produce(id, "at home");
        var placement = new PlacementStore(cluster.access());
        // When
        cluster.await(placement.pin(topic, 0, away.id));
        cluster.until(() -> !away.leads(topic).isEmpty());
        away.produce(id, "away");
        cluster.await(placement.unpin(id));
        cluster.until(() -> !home.leads(topic).isEmpty());
        home.produce(id, "home again");
        // Then
        assertThat(home.values(id)).containsExactly("at home", "away", "home again");
        assertThat(home.record(id).leaderEpoch()).isEqualTo(2);
        assertThat(away.leads(topic)).isEmpty();
    }

    @Test
    void aParkedFetchIsToldAtOnceThatThePartitionWasHandedOver() {
        // Given
        List<TestBroker> brokers = new ArrayList<>(cluster.serving(1));
        TopicRecord topic = brokers.getFirst().create("orders", 10);
        var parked = new ArrayList<java.util.concurrent.CompletableFuture<FetchResult>>();
        for (int partition = 0; partition < 10; partition++) {
            PartitionId id = TestBroker.partition(topic, partition);
            parked.add(brokers.getFirst().log.fetch(brokers.getFirst().query(id, 0, 1, Duration.ofMinutes(5))));
        }
        // When
        brokers.add(cluster.servingBroker(2));
        cluster.settle();
        // Then
        for (int partition : brokers.get(1).leads(topic)) {
            assertThat(parked.get(partition))
                    .isCompletedWithValueMatching(
                            result -> result.parts().getFirst() instanceof FetchResult.Failed failed
                                    && failed.cause().kind() == Kind.NOT_LEADER);
        }
        for (int partition : brokers.get(0).leads(topic)) {
            assertThat(parked.get(partition)).isNotDone();
        }
        assertThat(brokers.get(1).leads(topic)).isNotEmpty();
    }

    private void produce(List<TestProducer> producers, int turns) {
        for (int turn = 0; turn < turns; turn++) {
            producers.forEach(producer -> producer.turn(true));
            cluster.advance(Duration.ofMillis(10));
        }
    }

    private void finish(List<TestProducer> producers) {
        cluster.until(() -> {
            producers.forEach(producer -> producer.turn(false));
            return producers.stream().allMatch(TestProducer::isDone);
        });
    }

    private static void assertServed(List<TestBroker> brokers, TopicRecord topic, List<TestProducer> producers) {
        for (int partition = 0; partition < topic.partitions(); partition++) {
            PartitionId id = TestBroker.partition(topic, partition);
            assertThat(TestCluster.planned(brokers, id).values(id))
                    .containsExactlyElementsOf(producers.get(partition).expected());
        }
    }

    @Test
    void whatABrokerSaidLastOfItselfStandsHoweverLateTheRestArrives() {
        // Given
        List<TestBroker> brokers = cluster.serving(1);
        TestBroker broker = cluster.broker(2);
        cluster.await(broker.start());
        broker.metadata.commits(
                transaction -> transaction.writes().stream()
                        .anyMatch(write -> write.key().equals(cluster.keys.availability(2))),
                FaultyMetadata.Fate.HELD);
        var serving = broker.engine.announce(BrokerAvailability.State.SERVING);
        cluster.until(broker.metadata::holdsSome);
        // When
        broker.metadata.heal();
        var draining = broker.engine.announce(BrokerAvailability.State.DRAINING);
        cluster.settle();
        broker.metadata.sendOn();
        cluster.await(draining);
        cluster.settle();
        // Then
        var incarnation = broker.engine.session().incarnation();
        assertThat(brokers.getFirst().images.image().isDraining(incarnation)).isTrue();
        assertThat(serving).isCompleted();
    }
}
