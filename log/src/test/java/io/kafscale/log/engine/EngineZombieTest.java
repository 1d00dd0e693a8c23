package io.kafscale.log.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.log.FetchResult;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.engine.FaultyMetadata.Fate;
import io.kafscale.log.fixture.Batches;
import io.kafscale.metastore.cluster.BrokerAvailability;
import io.kafscale.metastore.cluster.BrokerRegistry;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.PartitionStore;
import io.kafscale.metastore.cluster.PlacementStore;
import io.kafscale.metastore.cluster.TopicRecord;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Brokers that others take for dead and that are not. */
class EngineZombieTest {
    private final TestCluster cluster = new TestCluster();

    /** Two brokers and a topic; in a partition that the first one leads is the record "a". */
    private final class Pair {
        final TestBroker zombie;
        final TestBroker heir;
        final TopicRecord topic;
        final PartitionId led;

        Pair() {
            List<TestBroker> brokers = cluster.serving(2);
            zombie = brokers.getFirst();
            heir = brokers.getLast();
            topic = zombie.create("orders", 10);
            led = TestBroker.partition(topic, zombie.leads(topic).getFirst());
            zombie.produce(led, "a");
        }

        /** The first one's registration is removed though it lives, and the other has taken the partition. */
        void takeZombieForDead() {
            cluster.removeRegistration(zombie.id);
            cluster.until(() -> heir.engine.session().partition(led).isPresent());
        }
    }

    @Test
    void aBrokerThatReachesTheStoreOnlyServesLostLeadershipForThreeSecondsAtMost() {
        // Given
        var pair = new Pair();
        TestBroker zombie = pair.zombie;
        TestBroker heir = pair.heir;
        PartitionId id = pair.led;
        Session session = zombie.engine.session();
        // When it is cut off and removed at once, and its lease lives on
        zombie.client.close();
        pair.takeZombieForDead();
        heir.produce(id, "b");
        Duration took = cluster.until(() -> session.ended() != null);
        // Then
        assertThat(took).isLessThan(Duration.ofSeconds(3));
        assertThat(cluster.kind(zombie.append(id, Batches.of(0, "x")))).isEqualTo(Kind.NOT_LEADER);
        assertThat(heir.values(id)).containsExactly("a", "b");
    }

    @Test
    void aBrokerThatHearsNothingWhileItsLeaseLivesServesLostLeadershipForThreeSecondsAtMost() {
        // Given
        var pair = new Pair();
        TestBroker zombie = pair.zombie;
        TestBroker heir = pair.heir;
        PartitionId id = pair.led;
        Session session = zombie.engine.session();
        // When its registration is removed, its watch hangs, and the metadata store renews its lease
        zombie.metadata.holdWatches();
        pair.takeZombieForDead();
        heir.produce(id, "b");
        Duration took = cluster.until(() -> session.ended() != null);
        // Then
        assertThat(took).isLessThan(Duration.ofSeconds(3));
        assertThat(cluster.kind(zombie.append(id, Batches.of(0, "x")))).isEqualTo(Kind.NOT_LEADER);
        zombie.metadata.reportAll();
        cluster.until(() -> zombie.engine.incarnation().isPresent()
                && zombie.leads(pair.topic).contains(id.partition()));
        assertThat(zombie.values(id)).containsExactly("a", "b");
    }

    @Test
    void aRegistrationThatCannotBeReadIsNotBelievedForLong() {
        // Given
        TestBroker broker = cluster.serving(1).getFirst();
        PartitionId id = TestBroker.partition(broker.create("orders", 1), 0);
        broker.produce(id, "a");
        Session session = broker.engine.session();
        cluster.settle();
        assertThat(session.isConfirmed()).isTrue();
        // When
        broker.metadata.readsFail(true);
        cluster.advance(Registration.BELIEVED);
        // Then its stream tells that it leads
        assertThat(session.isConfirmed()).isFalse();
        assertThat(broker.values(id)).containsExactly("a");
        broker.metadata.readsFail(false);
        cluster.settle();
        assertThat(session.isConfirmed()).isTrue();
    }

    @Test
    void aBrokerThatReachesNeitherStoreAnswersNoReaderFromMemoryForLong() {
        // Given
        var pair = new Pair();
        TestBroker zombie = pair.zombie;
        TestBroker heir = pair.heir;
        PartitionId id = pair.led;
        // When
        zombie.client.close();
        pair.takeZombieForDead();
        heir.produce(id, "b");
        cluster.storeDown();
        cluster.advance(Duration.ofSeconds(3));
        // Then
        assertThat(zombie.engine.isIncumbent()).isFalse();
        assertThat(cluster.await(zombie.log.fetch(zombie.query(id, 0, 0, Duration.ZERO)))
                        .parts())
                .singleElement()
                .isInstanceOfSatisfying(
                        FetchResult.Failed.class,
                        part -> assertThat(part.cause().kind()).isEqualTo(Kind.NOT_LEADER));
        assertThat(cluster.kind(zombie.log.status(id))).isEqualTo(Kind.NOT_LEADER);
    }

    @Test
    void aBrokerThatReachesNeitherStoreSendsProducersElsewhere() {
        // Given
        var pair = new Pair();
        TestBroker zombie = pair.zombie;
        PartitionId id = pair.led;
        // When
        cluster.storeDown();
        zombie.client.close();
        var held = zombie.append(id, Batches.of(0, "x"));
        cluster.advance(Duration.ofSeconds(4));
        long since = cluster.time.nanoTime();
        Kind refused = cluster.kind(zombie.append(id, Batches.of(0, "y")));
        // Then
        assertThat(refused).isEqualTo(Kind.NOT_LEADER);
        assertThat(Duration.ofNanos(cluster.time.nanoTime() - since)).isLessThan(Duration.ofSeconds(1));
        assertThat(cluster.kind(held)).isEqualTo(Kind.NOT_LEADER);
    }

    @Test
    void aBrokerWithoutMetadataGoesOnAnsweringReadersAsLongAsItsStreamIsItsOwn() {
        // Given
        TestBroker broker = cluster.serving(1).getFirst();
        PartitionId id = TestBroker.partition(broker.create("orders", 1), 0);
        broker.produce(id, "a");
        // When
        broker.client.close();
        cluster.advance(Duration.ofMinutes(1));
        // Then
        assertThat(broker.engine.isIncumbent()).isTrue();
        assertThat(broker.values(id)).containsExactly("a");
        assertThat(broker.produce(id, "b").baseOffset()).isEqualTo(1);
    }

    @Test
    void whatAZombieAppendsIsNeverAcknowledgedAndNeverRead() {
        // Given
        var pair = new Pair();
        TestBroker zombie = pair.zombie;
        TestBroker heir = pair.heir;
        PartitionId id = pair.led;
        // When
        zombie.client.close();
        pair.takeZombieForDead();
        var append = zombie.append(id, Batches.of(0, "late"));
        // Then
        assertThat(cluster.kind(append)).isEqualTo(Kind.NOT_LEADER);
        assertThat(heir.values(id)).containsExactly("a");
        assertThat(heir.produce(id, "b").baseOffset()).isEqualTo(1);
        heir.crash();
        cluster.outliveLeases();
        assertThat(cluster.servingBroker(3).values(id)).containsExactly("a", "b");
    }

    @Test
    void aBrokerWhoseRegistrationWasRemovedByMistakeComesBackAsWhoItIs() {
        // Given
        TestBroker broker = cluster.serving(1).getFirst();
        TopicRecord topic = broker.create("orders", 1);
        Session session = broker.engine.session();
        // When
        cluster.removeRegistration(1);
        cluster.settle();
        // Then
        assertThat(broker.engine.session()).isSameAs(session);
        assertThat(broker.images.image().isServing(session.incarnation())).isTrue();
        assertThat(broker.produce(TestBroker.partition(topic, 0), "a").baseOffset())
                .isZero();
        assertThat(broker.engine.isIncumbent()).isTrue();
    }

    @Test
    void aBrokerThatWasFencedAndCannotComeBackAnswersThatItDoesNotLead() {
        // Given
        List<TestBroker> brokers = cluster.serving(2);
        TopicRecord topic = brokers.getFirst().create("orders", 10);
        TestBroker zombie = brokers.getFirst();
        PartitionId id = TestBroker.partition(topic, zombie.leads(topic).getFirst());
        // When
        zombie.client.close();
        cluster.sealAsAnother(zombie.stream());
        zombie.append(id, Batches.of(0, "x"));
        cluster.until(() -> zombie.engine.incarnation().isEmpty());
        // Then
        assertThat(zombie.log.isIncumbent()).isFalse();
        assertThat(cluster.await(zombie.log.fetch(zombie.query(id, 0, 0, Duration.ofMinutes(5))))
                        .parts())
                .singleElement()
                .isInstanceOfSatisfying(FetchResult.Failed.class, part -> {
                    assertThat(part.partition()).isEqualTo(id);
                    assertThat(part.cause().kind()).isEqualTo(Kind.NOT_LEADER);
                });
        assertThat(cluster.kind(zombie.append(id, Batches.of(0, "x")))).isEqualTo(Kind.NOT_LEADER);
    }

    @Test
    void aBrokerThatWasFencedServesAgainAsANewIncarnation() {
        // Given
        List<TestBroker> brokers = cluster.serving(2);
        TopicRecord topic = brokers.getFirst().create("orders", 10);
        TestBroker zombie = brokers.getFirst();
        var before = zombie.engine.session().incarnation();
        // When its stream is sealed although it lives
        cluster.sealAsAnother(zombie.stream());
        zombie.append(TestBroker.partition(topic, zombie.leads(topic).getFirst()), Batches.of(0, "x"));
        cluster.advance(Duration.ofSeconds(5));
        // Then
        var after = zombie.engine.session().incarnation();
        assertThat(after).isNotEqualTo(before);
        assertThat(zombie.images.image().isServing(after)).isTrue();
        assertThat(zombie.leads(topic)).isNotEmpty();
        assertThat(zombie.leads(topic).size() + brokers.get(1).leads(topic).size())
                .isEqualTo(10);
    }

    @Test
    void aBrokerThatIsDrainedByItsOperatorIsDrainedAsTheNextIncarnationToo() {
        // Given
        List<TestBroker> brokers = cluster.serving(2);
        TopicRecord topic = brokers.getFirst().create("orders", 10);
        TestBroker drained = brokers.getFirst();
        var before = drained.engine.session().incarnation();
        var placement = new PlacementStore(cluster.access());
        cluster.await(placement.setAvailability(before, BrokerAvailability.State.DRAINING));
        cluster.until(() -> drained.leads(topic).isEmpty());
        // When
        drained.metadata.commits(_ -> true, Fate.LOST);
        cluster.removeRegistration(drained.id);
        cluster.await(new BrokerRegistry(cluster.access()).markClosing(before));
        drained.metadata.heal();
        cluster.advance(Duration.ofSeconds(30));
        // Then
        var after = drained.engine.session().incarnation();
        assertThat(after).isNotEqualTo(before);
        assertThat(drained.images.image().isDraining(after)).isTrue();
        assertThat(drained.leads(topic)).isEmpty();
        // When
        cluster.await(placement.setAvailability(after, BrokerAvailability.State.SERVING));
        // Then
        cluster.until(() -> !drained.leads(topic).isEmpty());
    }

    @Test
    void aTakeoverThatArrivesAfterItsBrokerWasJudgedDeadIsRefused() {
        // Given a broker whose first record of a partition is on its way
        TestBroker broker = cluster.serving(1).getFirst();
        broker.metadata.commits(transaction -> FaultyMetadata.leads(transaction, true), Fate.HELD);
        TopicRecord topic = broker.createOnly("orders", 1, Map.of());
        cluster.until(broker.metadata::holdsSome);
        // When
        var incarnation = broker.engine.session().incarnation();
        cluster.removeRegistration(1);
        cluster.await(new BrokerRegistry(cluster.access()).markClosing(incarnation));
        broker.metadata.sendOn();
        cluster.settle();
        // Then its stream may be collected on the word of records that do not name it
        var record = cluster.await(new PartitionStore(cluster.access()).get(TestBroker.partition(topic, 0)));
        assertThat(record)
                .hasValueSatisfying(found -> assertThat(found.value().leader()).isNotEqualTo(incarnation));
        assertThat(broker.engine.session().incarnation()).isNotEqualTo(incarnation);
        assertThat(record)
                .hasValueSatisfying(
                        found -> assertThat(found.value().leaderEpoch()).isZero());
    }

    @Test
    void theStreamOfABrokerThatNeverComesBackIsSealedAndCollectedByAnother() {
        // Given
        List<TestBroker> brokers = cluster.serving(2);
        TestBroker gone = brokers.get(1);
        var incarnation = gone.engine.session().incarnation();
        // When
        gone.crash();
        cluster.outliveLeases();
        cluster.advance(Duration.ofMinutes(5));
        // Then
        assertThat(brokers.getFirst().images.image().streams()).doesNotContainKey(incarnation);
        assertThat(brokers.getFirst().images.image().isOver(incarnation)).isTrue();
        assertThat(cluster.objects.keys("test/.wal/" + incarnation.streamName() + "/"))
                .hasSize(1);
    }

    @Test
    void choresAreDoneByOneBrokerAndGoOnWhenItIsGone() {
        // Given
        List<TestBroker> brokers = cluster.serving(3);
        TopicRecord first = brokers.get(1).create("first", 3);
        TopicRecord second = brokers.get(1).create("second", 3);
        for (TopicRecord topic : List.of(first, second)) {
            for (int partition = 0; partition < 3; partition++) {
                PartitionId id = TestBroker.partition(topic, partition);
                TestCluster.planned(brokers, id).produce(id, "a");
            }
        }
        cluster.advance(Duration.ofHours(2));
        cluster.objects.forget();
        // When
        brokers.get(1).delete(first);
        cluster.advance(Duration.ofMinutes(3));
        // Then
        assertThat(cluster.objects.keys("test/first/")).isEmpty();
        assertThat(cluster.objects.requests().stream()
                        .filter(request -> request.operation().equals("deleted")
                                && request.key().contains("/first/"))
                        .distinct()
                        .count())
                .isEqualTo(cluster.objects.requests().stream()
                        .filter(request -> request.operation().equals("deleted")
                                && request.key().contains("/first/"))
                        .count());
        // And
        brokers.getFirst().crash();
        cluster.outliveLeases();
        brokers.get(1).delete(second);
        cluster.advance(Duration.ofMinutes(3));
        assertThat(cluster.objects.keys("test/second/")).isEmpty();
        assertThat(brokers.get(1).images.image().tombstones()).isEmpty();
    }
}
