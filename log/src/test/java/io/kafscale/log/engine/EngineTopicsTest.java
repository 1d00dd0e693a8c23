package io.kafscale.log.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.format.StreamId;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.fixture.Batches;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.TopicRecord;
import io.kafscale.objectstore.Payload;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class EngineTopicsTest {
    private final TestCluster cluster = new TestCluster();

    @Test
    void aCreatedTopicIsServedAndAGrownOneToo() {
        // Given
        TestBroker broker = cluster.started();
        TopicRecord topic = broker.create("orders", 2);
        broker.produce(TestBroker.partition(topic, 1), "a");
        assertThat(cluster.kind(broker.append(TestBroker.partition(topic, 2), Batches.of(0, "x"))))
                .isEqualTo(Kind.UNKNOWN_PARTITION);
        // When
        cluster.await(broker.topics.addPartitions("orders", 5));
        cluster.settle();
        broker.ready(topic.id());
        // Then
        assertThat(broker.produce(TestBroker.partition(topic, 4), "b").baseOffset())
                .isZero();
        assertThat(broker.values(TestBroker.partition(topic, 1))).containsExactly("a");
    }

    @Test
    void aDeletedTopicIsRefusedAtOnceAndItsObjectsGoAfterTheGrace() {
        // Given
        TestBroker broker = cluster.started();
        TopicRecord topic = broker.create("orders", 1, Map.of("segment.bytes", "1024"));
        PartitionId id = TestBroker.partition(topic, 0);
        cluster.await(broker.append(id, Batches.sized(0, 4000)));
        cluster.settle();
        assertThat(cluster.objects.keys("test/orders/")).hasSize(2);
        // When
        broker.delete(topic);
        cluster.settle();
        // Then
        assertThat(cluster.kind(broker.append(id, Batches.of(0, "x")))).isEqualTo(Kind.UNKNOWN_PARTITION);
        assertThat(cluster.objects.keys("test/orders/")).hasSize(2);
        cluster.advance(Duration.ofSeconds(65));
        assertThat(cluster.objects.keys("test/orders/")).isEmpty();
        assertThat(broker.images.image().tombstones()).isEmpty();
        assertThat(broker.images.image().topicsWithPartitionRecords()).isEmpty();
    }

    @Test
    void nothingIsDeletedWithATopicThatItsLeadersDidNotWrite() {
        // Given another cluster whose prefix lies in the directory of a topic, and more of its objects than a page
        // holds
        TestBroker broker = cluster.started();
        TopicRecord topic = broker.create("orders", 1, Map.of("segment.bytes", "1024"));
        for (int i = 0; i < 1001; i++) {
            Payload payload = Payload.of(ByteBuffer.allocate(1));
            cluster.await(cluster.objects.putIfAbsent("test/orders/.wal/1-1/" + i + ".wal", payload));
        }
        PartitionId id = TestBroker.partition(topic, 0);
        cluster.await(broker.append(id, Batches.sized(0, 4000)));
        cluster.settle();
        // When
        broker.delete(topic);
        cluster.advance(Duration.ofSeconds(65));
        // Then
        assertThat(cluster.objects.keys("test/orders/0/")).isEmpty();
        assertThat(cluster.objects.keys("test/orders/")).hasSize(1001);
        assertThat(broker.images.image().tombstones()).isEmpty();
    }

    @Test
    void chunksOfADeletedTopicAreCoveredOnceThoughTheyAreInFlight() {
        // Given
        TestBroker broker = cluster.started();
        TopicRecord doomed = broker.create("doomed", 1);
        TopicRecord kept = broker.create("kept", 1);
        PartitionId id = TestBroker.partition(doomed, 0);
        broker.produce(id, "durable");
        cluster.objects.latency(Duration.ofSeconds(5));
        var unanswered = broker.append(id, Batches.of(0, "in flight"));
        cluster.advance(Duration.ofSeconds(1));
        // When
        broker.delete(doomed);
        assertThat(cluster.kind(unanswered)).isEqualTo(Kind.UNKNOWN_PARTITION);
        cluster.objects.latency(Duration.ofMillis(10));
        cluster.advance(Duration.ofSeconds(20));
        broker.produce(TestBroker.partition(kept, 0), "carries the new trim position");
        cluster.advance(Duration.ofSeconds(65));
        // Then
        assertThat(broker.engine.session().wal().neededObjects()).isEqualTo(1);
        assertThat(cluster.objects.keys("test/.wal/"))
                .containsExactly(cluster.layout.walKey(broker.stream(), 0), cluster.layout.walKey(broker.stream(), 3));
    }

    @Test
    void aTopicCreatedAgainShowsNothingOfTheOneBefore() {
        // Given
        TestBroker broker = cluster.started();
        TopicRecord before = broker.create("orders", 1);
        broker.produce(TestBroker.partition(before, 0), "old");
        broker.delete(before);
        // When
        TopicRecord again = broker.create("orders", 1);
        PartitionId id = TestBroker.partition(again, 0);
        broker.produce(id, "new");
        cluster.advance(Duration.ofMinutes(3));
        // Then
        assertThat(again.directory()).isEqualTo("orders~2");
        assertThat(broker.values(id)).containsExactly("new");
        broker.crash();
        cluster.outliveLeases();
        assertThat(cluster.started().values(id)).containsExactly("new");
    }

    @Test
    void changedConfigsReachTheLog() {
        // Given
        TestBroker broker = cluster.started();
        TopicRecord topic = broker.create("orders", 1);
        PartitionId id = TestBroker.partition(topic, 0);
        broker.produce(id, "a");
        // When
        cluster.await(broker.topics.alterConfigs("orders", _ -> Map.of("segment.ms", "60000")));
        cluster.advance(Duration.ofSeconds(70));
        // Then
        assertThat(broker.status(id).segmentEndOffset()).isEqualTo(1);
    }

    @Test
    void aSegmentAgeOfForEverIsNoProblem() {
        // Given
        TestBroker broker = cluster.started();
        TopicRecord topic = broker.create("orders", 1, Map.of("segment.ms", Long.toString(Long.MAX_VALUE)));
        PartitionId id = TestBroker.partition(topic, 0);
        // When
        broker.produce(id, "a");
        cluster.advance(Duration.ofHours(3));
        // Then
        assertThat(broker.values(id)).containsExactly("a");
        assertThat(broker.status(id).segmentEndOffset()).isZero();
    }

    @Test
    void aTopicDeletedWhileItIsTakenIsNotLed() {
        // Given
        TestBroker broker = cluster.started();
        TopicRecord topic = broker.create("orders", 1);
        PartitionId id = TestBroker.partition(topic, 0);
        broker.produce(id, "a");
        fenceAndHoldUpTheTakeover(broker, id);
        // When
        broker.delete(topic);
        cluster.advance(Duration.ofSeconds(50));
        // Then
        assertThat(broker.record(id).ledBy(broker.engine.session().incarnation()))
                .isTrue();
        assertThat(broker.engine.session().partition(id)).isEmpty();
        assertThat(cluster.kind(broker.append(id, Batches.of(0, "x")))).isEqualTo(Kind.UNKNOWN_PARTITION);
        assertThat(broker.engine.session().work().stores().directory().used()).isZero();
    }

    /** The next incarnation has begun and reads what the last one left, slowly. */
    private void fenceAndHoldUpTheTakeover(TestBroker broker, PartitionId id) {
        StreamId fenced = broker.stream();
        cluster.sealAsAnother(fenced);
        cluster.storeFails("tail", cluster.layout.walKey(fenced, 1));
        broker.append(id, Batches.of(0, "lost"));
        cluster.settle();
        cluster.objects.heal();
        cluster.objects.latency(Duration.ofSeconds(10));
        cluster.objects.forget();
        while (cluster.objects.count("tail") == 0) {
            cluster.advance(Duration.ofMillis(100));
        }
    }

    @Test
    void configsChangedWhileATopicIsTakenAreNotLost() {
        // Given
        TestBroker broker = cluster.started();
        TopicRecord topic = broker.create("orders", 1);
        PartitionId id = TestBroker.partition(topic, 0);
        broker.produce(id, "a");
        fenceAndHoldUpTheTakeover(broker, id);
        assertThat(broker.engine.session().partition(id)).isEmpty();
        // When
        cluster.await(broker.topics.alterConfigs("orders", _ -> Map.of("segment.ms", "60000")));
        cluster.advance(Duration.ofMinutes(5));
        cluster.objects.latency(Duration.ofMillis(10));
        cluster.advance(Duration.ofMinutes(2));
        // Then
        assertThat(broker.status(id).segmentEndOffset()).isEqualTo(1);
    }

    @Test
    void whoeverWaitsForATopicIsAnsweredWhenItIsDeleted() {
        // Given
        TestBroker broker = cluster.started();
        TopicRecord topic = broker.create("orders", 1);
        PartitionId id = TestBroker.partition(topic, 0);
        broker.produce(id, "a");
        var fenced = broker.stream();
        cluster.storeFails("tail", cluster.layout.walKey(fenced, 1));
        cluster.sealAsAnother(fenced);
        broker.append(id, Batches.of(0, "lost"));
        cluster.settle();
        var ready = broker.log.ready(topic.id());
        cluster.settle();
        assertThat(ready).isNotDone();
        // When
        broker.delete(topic);
        cluster.settle();
        // Then
        assertThat(ready).isCompleted();
        assertThat(broker.log.ready(topic.id())).satisfies(late -> cluster.await(late));
    }

    @Test
    void tenThousandPartitionsAreTakenBackInFewTransactions() {
        // Given
        TestBroker first = cluster.started();
        TopicRecord topic = first.create("large", 10_000);
        for (int partition = 0; partition < 10_000; partition += 100) {
            first.append(TestBroker.partition(topic, partition), Batches.of(0, "a"));
        }
        cluster.await(first.log.flush());
        first.crash();
        cluster.outliveLeases();
        long before = cluster.revision();
        cluster.objects.forget();
        // When
        TestBroker second = cluster.started();
        // Then
        assertThat(cluster.revision() - before).isLessThan(100);
        assertThat(cluster.objects.requests()).hasSizeLessThan(15);
        assertThat(second.values(TestBroker.partition(topic, 9_900))).containsExactly("a");
        assertThat(second.produce(TestBroker.partition(topic, 9_901), "b").baseOffset())
                .isZero();
    }

    @Test
    void aBatchWhoseDeadlineHasPassedIsAppendedAndWhoSendsItAgainIsToldWhere() {
        // Given
        TestBroker broker = cluster.started();
        PartitionId id = TestBroker.partition(broker.create("orders", 1), 0);
        broker.produce(id, "of somebody else");
        // When
        var late = broker.append(id, Batches.by(1, 0, 0, 1), Duration.ofSeconds(-1));
        var next = broker.append(id, Batches.by(1, 0, 1, 1));
        // Then
        assertThat(cluster.kind(late)).isEqualTo(Kind.TIMED_OUT);
        assertThat(cluster.await(next).baseOffset()).isEqualTo(2);
        assertThat(cluster.await(broker.append(id, Batches.by(1, 0, 0, 1))).baseOffset())
                .isEqualTo(1);
    }

    @Test
    void aBatchThatCameBeforeThePartitionWasLedIsNotOvertakenByTheNext() {
        // Given
        TestBroker broker = cluster.started();
        PartitionId id = TestBroker.partition(broker.createOnly("orders", 1, Map.of()), 0);
        // When
        var early = broker.append(id, Batches.by(1, 0, 0, 1), Duration.ofSeconds(-1));
        // Then
        assertThat(cluster.kind(early)).isIn(Kind.NOT_LEADER, Kind.UNKNOWN_PARTITION);
        broker.ready(id.topicId());
        assertThat(cluster.kind(broker.append(id, Batches.by(1, 0, 1, 1)))).isEqualTo(Kind.NOT_LEADER);
        assertThat(cluster.await(broker.append(id, Batches.by(1, 0, 0, 1))).baseOffset())
                .isZero();
    }

    @Test
    void aProducerGoesOnWhereItWasInATopicThatWasCreatedAgain() {
        // Given
        TestBroker broker = cluster.started();
        TopicRecord topic = broker.create("orders", 1);
        cluster.await(broker.append(TestBroker.partition(topic, 0), Batches.by(1, 0, 0, 7)));
        broker.delete(topic);
        // When
        PartitionId again = TestBroker.partition(broker.create("orders", 1), 0);
        // Then
        assertThat(cluster.await(broker.append(again, Batches.by(1, 0, 7, 1))).baseOffset())
                .isZero();
    }

    @Test
    void whoeverWaitsForATopicIsAnsweredWhenTheBrokerCloses() {
        // Given
        TestBroker broker = cluster.started();
        var ready = broker.log.ready(new UUID(1, 2));
        cluster.settle();
        // When
        broker.close();
        // Then
        assertThat(cluster.kind(ready)).isEqualTo(Kind.CLOSED);
    }
}
