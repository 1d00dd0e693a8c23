package io.kafscale.log.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.format.StreamId;
import io.kafscale.log.FetchResult;
import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.engine.FaultyMetadata.Fate;
import io.kafscale.log.fixture.Batches;
import io.kafscale.log.segment.WaitingChunk;
import io.kafscale.metastore.Transaction;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.TopicRecord;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EngineFencingTest {
    private final TestCluster cluster = new TestCluster();

    @Test
    void aForeignSealStartsANewIncarnationThatHasThePartitionsBack() {
        // Given
        TestBroker broker = cluster.started();
        TopicRecord topic = broker.create("orders", 2);
        PartitionId id = TestBroker.partition(topic, 0);
        broker.produce(id, "acknowledged");
        Session fenced = broker.engine.session();
        cluster.sealAsAnother(broker.stream());
        // When
        var unanswered = List.of(
                broker.append(id, Batches.of(0, "lost")),
                broker.append(TestBroker.partition(topic, 1), Batches.of(0, "lost too")));
        // Then
        unanswered.forEach(append -> assertThat(cluster.kind(append)).isEqualTo(Kind.NOT_LEADER));
        cluster.settle();
        assertThat(broker.stream()).isEqualTo(new StreamId(1, 2));
        assertThat(fenced.wal().buffer().used()).isZero();
        assertThat(fenced.partition(id)).isEmpty();
        assertThat(broker.values(id)).containsExactly("acknowledged");
        assertThat(broker.produce(id, "next").baseOffset()).isEqualTo(1);
        assertThat(broker.status(id).leaderEpoch()).isEqualTo(1);
    }

    @Test
    void aParkedFetchIsAnsweredWhenItsBrokerIsFenced() {
        // Given
        TestBroker broker = cluster.started();
        PartitionId id = TestBroker.partition(broker.create("orders", 1), 0);
        cluster.sealAsAnother(broker.stream());
        var parked = broker.log.fetch(broker.query(id, 0, 1, Duration.ofMinutes(5)));
        long since = cluster.time.nanoTime();
        // When
        broker.append(id, Batches.of(0, "lost"));
        cluster.await(parked);
        // Then
        assertThat(Duration.ofNanos(cluster.time.nanoTime() - since)).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void aBrokerThatIsFencedAgainAndAgainDoesNotSpin() {
        // Given
        TestBroker broker = cluster.started();
        PartitionId id = TestBroker.partition(broker.create("orders", 1), 0);
        // When
        long sealed = 0;
        for (int second = 0; second < 120; second++) {
            StreamId stream = currentStream(broker).orElse(null);
            if (stream != null && stream.brokerEpoch() > sealed) {
                sealed = stream.brokerEpoch();
                cluster.sealAsAnother(stream);
            }
            broker.append(id, Batches.of(0, "x"));
            cluster.advance(Duration.ofSeconds(1));
        }
        // Then
        assertThat(sealed).isBetween(5L, 40L);
        cluster.advance(Duration.ofSeconds(30));
        broker.produce(id, "at last");
        assertThat(broker.values(id)).endsWith("at last");
    }

    @Test
    void aLostLeaseIsReplacedAndTheIncarnationStays() {
        // Given
        TestBroker broker = cluster.started();
        PartitionId id = TestBroker.partition(broker.create("orders", 1), 0);
        StreamId stream = broker.stream();
        // When
        cluster.deleteMetadata(cluster.keys.broker(1));
        assertThat(broker.produce(id, "a").baseOffset()).isZero();
        cluster.await(broker.log.deleteRecords(id, 1).exceptionally(_ -> 0L));
        cluster.settle();
        // Then
        assertThat(broker.stream()).isEqualTo(stream);
        assertThat(broker.images.image().brokers()).containsKey(1);
        assertThat(broker.produce(id, "b").baseOffset()).isEqualTo(1);
        assertThat(cluster.await(broker.log.deleteRecords(id, 1))).isEqualTo(1);
    }

    @Test
    void aTopicIsTakenThoughTheRegistrationWasLostBefore() {
        // Given
        TestBroker broker = cluster.started();
        StreamId stream = broker.stream();
        cluster.deleteMetadata(cluster.keys.broker(1));
        // When
        TopicRecord topic = broker.create("orders", 3);
        // Then
        assertThat(broker.stream()).isEqualTo(stream);
        assertThat(broker.produce(TestBroker.partition(topic, 2), "a").baseOffset())
                .isZero();
    }

    @Test
    void aBrokerWithoutMetadataNoticesItsSealAndStopsAcknowledging() {
        // Given
        TestBroker broker = cluster.started();
        PartitionId id = TestBroker.partition(broker.create("orders", 1), 0);
        broker.produce(id, "a");
        Session cutOff = broker.engine.session();
        broker.client.close();
        cluster.outliveLeases();
        assertThat(broker.produce(id, "goes on").baseOffset()).isEqualTo(1);
        // When
        cluster.sealAsAnother(cutOff.wal().stream());
        cluster.advance(Duration.ofSeconds(2));
        // Then
        assertThat(cutOff.ended()).isNotNull();
        assertThat(cluster.kind(broker.append(id, Batches.of(0, "x")))).isEqualTo(Kind.NOT_LEADER);
    }

    @Test
    void aBrokerThatWasReplacedWithoutKnowingSaysNothingFinal() {
        // Given a broker that cannot reach the metadata store, and whose lease has run out
        TestBroker broker = cluster.started();
        PartitionId id = TestBroker.partition(broker.create("orders", 1), 0);
        cluster.await(broker.append(id, Batches.by(1, 0, 0, 1)));
        broker.client.close();
        cluster.outliveLeases();
        assertThat(cluster.kind(broker.append(id, Batches.by(1, 0, 7, 1)))).isEqualTo(Kind.OUT_OF_ORDER_SEQUENCE);
        // When
        cluster.sealAsAnother(broker.stream());
        // Then
        var beyond = broker.log.fetch(broker.query(id, 9, 0, Duration.ZERO));
        assertThat(cluster.kind(broker.append(id, Batches.by(1, 0, 7, 1)))).isEqualTo(Kind.NOT_LEADER);
        assertThat(cluster.await(beyond).parts())
                .singleElement()
                .satisfies(part ->
                        assertThat(((FetchResult.Failed) part).cause().kind()).isEqualTo(Kind.NOT_LEADER));
    }

    @Test
    void aTakeoverThatDiesWithItsSessionDoesNotHoldBackTheNext() {
        // Given
        TestBroker broker = cluster.started();
        PartitionId id = TestBroker.partition(broker.create("orders", 1), 0);
        broker.produce(id, "a");
        StreamId first = broker.stream();
        cluster.sealAsAnother(first);
        cluster.storeFails("tail", cluster.layout.walKey(first, 1));
        broker.append(id, Batches.of(0, "lost"));
        cluster.settle();
        StreamId second = broker.stream();
        assertThat(second).isNotEqualTo(first);
        // When
        cluster.objects.latency(Duration.ofSeconds(20));
        cluster.advance(Duration.ofSeconds(15));
        cluster.objects.latency(Duration.ofMillis(10));
        cluster.sealAsAnother(second);
        cluster.onLoop(broker, () -> broker.engine.session().wal().probe());
        cluster.settle();
        StreamId third = broker.stream();
        cluster.objects.heal();
        cluster.advance(Duration.ofSeconds(60));
        // Then
        assertThat(third).isNotEqualTo(second);
        assertThat(broker.stream()).isEqualTo(third);
        assertThat(broker.values(id)).containsExactly("a");
        assertThat(broker.produce(id, "b").baseOffset()).isEqualTo(1);
    }

    @Test
    void aStartThatIsFencedEndsWhenTheNextIncarnationServes() {
        // Given a broker that is fenced while it takes what there is
        TestBroker before = cluster.started();
        PartitionId id = TestBroker.partition(before.create("orders", 1), 0);
        before.produce(id, "a");
        before.crash();
        cluster.outliveLeases();
        TestBroker broker = cluster.broker(1);
        var starting = broker.start();
        cluster.until(() -> currentStream(broker).isPresent());
        StreamId fenced = broker.stream();
        broker.metadata.commits(
                transaction -> FaultyMetadata.leads(transaction, true) || increasesBrokerEpoch(transaction), Fate.HELD);
        cluster.sealAsAnother(fenced);
        cluster.onLoop(broker, () -> broker.engine.session().wal().probe());
        cluster.settle();
        assertThat(starting).isNotDone();
        // When
        broker.metadata.sendOn();
        cluster.await(starting);
        // Then
        assertThat(broker.stream()).isNotEqualTo(fenced);
        assertThat(broker.values(id)).containsExactly("a");
    }

    @Test
    void anOutageDuringATakeoverCostsTimeAndNothingElse() {
        // Given
        TestBroker broker = cluster.started();
        TopicRecord topic = broker.create("orders", 4);
        PartitionId id = TestBroker.partition(topic, 0);
        broker.produce(id, "a");
        StreamId sealed = broker.stream();
        cluster.sealAsAnother(sealed);
        cluster.storeFails("tail", cluster.layout.walKey(sealed, 1));
        broker.append(id, Batches.of(0, "lost"));
        cluster.advance(Duration.ofMinutes(2));
        assertThat(cluster.kind(broker.append(id, Batches.of(0, "refused")))).isEqualTo(Kind.NOT_LEADER);
        // When
        TopicRecord young = broker.create("young", 1);
        assertThat(broker.produce(TestBroker.partition(young, 0), "served").baseOffset())
                .isZero();
        cluster.objects.heal();
        cluster.advance(Duration.ofSeconds(15));
        // Then
        assertThat(broker.values(id)).containsExactly("a");
        assertThat(broker.produce(id, "b").baseOffset()).isEqualTo(1);
        assertThat(broker.engine.session().work().stores().directory().used()).isEqualTo(3L * WaitingChunk.HEAP_BYTES);
    }

    private boolean increasesBrokerEpoch(Transaction transaction) {
        return transaction.writes().stream().anyMatch(write -> write.key().equals(cluster.keys.brokerEpochCounter()));
    }

    private static Optional<StreamId> currentStream(TestBroker broker) {
        try {
            return Optional.of(broker.stream());
        } catch (LogException between) {
            return Optional.empty();
        }
    }
}
