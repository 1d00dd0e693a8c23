package io.kafscale.log.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.log.AppendResult;
import io.kafscale.log.LogException;
import io.kafscale.log.OffsetQuery;
import io.kafscale.log.fixture.Batches;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.PartitionChange;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.PartitionStore;
import io.kafscale.metastore.cluster.StreamRecord;
import io.kafscale.metastore.cluster.TopicRecord;
import io.kafscale.objectstore.StorageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EngineRestartTest {
    private final TestCluster cluster = new TestCluster();

    @Test
    void anEmptyStoreIsStartedOn() {
        // When
        TestBroker broker = cluster.broker(1);
        var identity = cluster.await(broker.start());
        // Then
        assertThat(cluster.objects.keys("test/")).contains("test/.cluster", "test/.wal/1-1/00000000000000000000.wal");
        assertThat(identity.clusterId()).hasSize(22);
        assertThat(broker.images.image().isRegistered(broker.engine.session().incarnation()))
                .isTrue();
    }

    @Test
    void whatWasAcknowledgedIsThereOnceAfterACrash() {
        // Given
        TestBroker first = cluster.started();
        TopicRecord topic = first.create("orders", 3);
        var expected = new ArrayList<List<String>>();
        for (int partition = 0; partition < 3; partition++) {
            var values = new ArrayList<String>();
            for (int i = 0; i < 5 + partition; i++) {
                first.produce(TestBroker.partition(topic, partition), partition + ":" + i);
                values.add(partition + ":" + i);
            }
            expected.add(values);
        }
        // When
        TestBroker second = restarted(first);
        // Then
        for (int partition = 0; partition < 3; partition++) {
            PartitionId id = TestBroker.partition(topic, partition);
            assertThat(second.values(id)).isEqualTo(expected.get(partition));
            assertThat(second.status(id).leaderEpoch()).isEqualTo(1);
            assertThat(second.produce(id, "next").baseOffset()).isEqualTo(5 + partition);
        }
    }

    /** The config is about new records: those that came under an earlier one are found as before. */
    @Test
    void recordsFarAheadOfTheirTimeAreFoundAfterARestartThoughNoMoreAreLetIn() {
        // Given
        TestBroker first = cluster.started();
        TopicRecord topic = first.create("orders", 1, Map.of("message.timestamp.after.max.ms", "" + Long.MAX_VALUE));
        PartitionId id = TestBroker.partition(topic, 0);
        long ahead = cluster.time.wallClockMs() + Duration.ofDays(30).toMillis();
        cluster.await(first.append(id, Batches.of(ahead, "a")));
        cluster.advance(Duration.ofHours(2));
        cluster.await(first.topics.alterConfigs("orders", before -> Map.of()));
        cluster.settle();
        // When
        TestBroker second = restarted(first);
        // Then
        assertThat(second.status(id).segmentEndOffset()).isEqualTo(1);
        var found = cluster.await(second.log.lookup(
                id, new OffsetQuery.AtTime(ahead - Duration.ofDays(1).toMillis())));
        assertThat(found.offset()).isZero();
        assertThat(found.timestampMs()).isEqualTo(ahead);
    }

    @Test
    void whatWasAppendedAndNotAcknowledgedLeavesNoGap() {
        // Given
        TestBroker first = cluster.started();
        PartitionId id = TestBroker.partition(first.create("orders", 1), 0);
        first.produce(id, "a");
        cluster.storeFails("put", ".wal/");
        var lost = first.append(id, Batches.of(0, "b"));
        cluster.advance(Duration.ofSeconds(5));
        assertThat(lost).isNotDone();
        cluster.objects.heal();
        // When
        first.crash();
        cluster.outliveLeases();
        TestBroker second = cluster.started();
        // Then
        assertThat(second.produce(id, "c").baseOffset()).isEqualTo(1);
        assertThat(second.values(id)).containsExactly("a", "c");
    }

    @Test
    void aDuplicateIsRecognisedAcrossACrash() {
        // Given
        TestBroker first = cluster.started();
        PartitionId id = TestBroker.partition(first.create("orders", 1), 0);
        AppendResult original = cluster.await(first.append(id, Batches.by(7, 0, 0, 3)));
        cluster.await(first.append(id, Batches.by(7, 0, 3, 2)));
        // When
        TestBroker second = restarted(first);
        AppendResult again = cluster.await(second.append(id, Batches.by(7, 0, 0, 3)));
        // Then
        assertThat(again.baseOffset()).isEqualTo(original.baseOffset());
        assertThat(second.values(id)).hasSize(5);
        assertThat(cluster.kind(second.append(id, Batches.by(7, 0, 9, 1))))
                .isEqualTo(LogException.Kind.OUT_OF_ORDER_SEQUENCE);
        assertThat(cluster.await(second.append(id, Batches.by(7, 0, 5, 1))).baseOffset())
                .isEqualTo(5);
    }

    @Test
    void aCleanShutdownSealsTheStreamAndTheNextStartGoesOn() {
        // Given
        TestBroker first = cluster.started();
        PartitionId id = TestBroker.partition(first.create("orders", 1), 0);
        first.produce(id, "a");
        var unanswered = first.append(id, Batches.of(0, "b"));
        var incarnation = first.engine.session().incarnation();
        // When
        first.close();
        // Then
        assertThat(unanswered).isCompleted();
        TestBroker second = cluster.started();
        var stream = requireNonNull(second.images.image().streams().get(incarnation));
        assertThat(stream.value().state()).isEqualTo(StreamRecord.State.SEALED);
        assertThat(second.values(id)).containsExactly("a", "b");
        assertThat(second.produce(id, "c").baseOffset()).isEqualTo(2);
    }

    @Test
    void manyRestartsInARowCutSegmentsAndLoseNothing() {
        // Given
        TestBroker broker = cluster.started();
        TopicRecord topic = broker.create("orders", 2);
        PartitionId busy = TestBroker.partition(topic, 0);
        PartitionId quiet = TestBroker.partition(topic, 1);
        broker.produce(quiet, "once");
        var expected = new ArrayList<String>();
        // When
        for (int restart = 0; restart < 20; restart++) {
            expected.add("after " + restart);
            assertThat(broker.produce(busy, "after " + restart).baseOffset()).isEqualTo(restart);
            broker = restarted(broker);
        }
        // Then
        assertThat(broker.values(busy)).isEqualTo(expected);
        assertThat(broker.values(quiet)).containsExactly("once");
        assertThat(broker.record(busy).tenures().size()).isLessThanOrEqualTo(8);
        assertThat(broker.status(busy).segmentEndOffset()).isPositive();
    }

    @Test
    void aBrokerThatIsStartedAtOnceAfterACrashWaitsForItsOldLease() {
        // Given
        TestBroker first = cluster.started();
        PartitionId id = TestBroker.partition(first.create("orders", 1), 0);
        first.produce(id, "a");
        first.crash();
        // When
        TestBroker second = cluster.started();
        // Then
        assertThat(second.values(id)).containsExactly("a");
        assertThat(cluster.objects.keys("test/.wal/1-2/")).isNotEmpty();
        assertThat(cluster.objects.keys("test/.wal/1-3/")).isEmpty();
    }

    @Test
    void aSecondBrokerOfTheSameIdIsRefusedAndLeavesTheFirstAlone() {
        // Given
        TestBroker first = cluster.started();
        PartitionId id = TestBroker.partition(first.create("orders", 1), 0);
        // When
        Throwable refusal = cluster.failure(cluster.broker(1).start());
        // Then
        assertThat(refusal)
                .isInstanceOf(LogStartException.class)
                .hasMessageContaining("another broker with node.id 1 is registered from localhost:9092");
        assertThat(first.produce(id, "still here").baseOffset()).isZero();
    }

    @Test
    void partitionsOfABrokerThatIsAliveAreLeftToItAndTakenWhenItIsGone() {
        // Given
        TestBroker one = cluster.started();
        PartitionId id = TestBroker.partition(one.create("orders", 1), 0);
        one.produce(id, "a");
        TestBroker other = cluster.broker(2);
        // When
        cluster.await(other.start());
        cluster.advance(Duration.ofSeconds(60));
        // Then
        assertThat(one.produce(id, "b").baseOffset()).isEqualTo(1);
        assertThat(cluster.kind(other.append(id, Batches.of(0, "x")))).isEqualTo(LogException.Kind.NOT_LEADER);
        // And
        one.crash();
        cluster.outliveLeases();
        cluster.settle();
        assertThat(other.produce(id, "c").baseOffset()).isEqualTo(2);
        assertThat(other.values(id)).containsExactly("a", "b", "c");
    }

    @Test
    void damageCostsThePartitionItIsInAndNoOther() {
        // Given
        TestBroker first = cluster.started();
        TopicRecord topic = first.create("orders", 1);
        first.produce(TestBroker.partition(topic, 0), "a");
        String damaged = cluster.layout.walKey(first.stream(), 1);
        first.crash();
        cluster.outliveLeases();
        TestBroker second = cluster.started();
        TopicRecord later = second.create("payments", 1);
        second.produce(TestBroker.partition(later, 0), "b");
        second.crash();
        cluster.outliveLeases();
        cluster.objects.remove(damaged);
        // When
        TestBroker third = cluster.started();
        // Then
        assertThat(third.values(TestBroker.partition(later, 0))).containsExactly("b");
        assertThat(cluster.kind(third.append(TestBroker.partition(topic, 0), Batches.of(0, "x"))))
                .isEqualTo(LogException.Kind.CORRUPT);
        third.ready(topic.id());
    }

    @Test
    void whatAnotherBrokerHasMadeSegmentsOfMeanwhileIsNoDamage() {
        // Given a broker that takes over a partition, slowly, whose objects are not there any more
        TestBroker first = cluster.started();
        PartitionId id = TestBroker.partition(first.create("orders", 1), 0);
        first.produce(id, "a");
        first.crash();
        cluster.outliveLeases();
        cluster.objects.latency(Duration.ofSeconds(2));
        TestBroker second = cluster.broker(2);
        var started = second.start();
        String object = cluster.layout.walKey(first.stream(), 1);
        while (cluster.objects.requests().stream()
                .noneMatch(request ->
                        request.operation().equals("tail") && request.key().equals(object))) {
            cluster.advance(Duration.ofMillis(100));
        }
        cluster.objects.remove(object);
        // When another one has been its leader and has put them into a segment
        var records = new PartitionStore(cluster.access());
        var before = cluster.await(records.get(id)).orElseThrow();
        var after = before.value().release(1).advanceSegmentEnd(1);
        cluster.await(records.commit(List.of(PartitionChange.update(before, after)), List.of()));
        cluster.objects.latency(Duration.ofMillis(10));
        // Then
        cluster.await(started);
        assertThat(second.produce(id, "b").baseOffset()).isEqualTo(1);
    }

    @Test
    void anUnreadableRecordCostsItsPartitionOnlyAndNoObjectOfIt() {
        // Given
        TestBroker first = cluster.started();
        TopicRecord topic = first.create("orders", 2);
        PartitionId broken = TestBroker.partition(topic, 0);
        PartitionId sound = TestBroker.partition(topic, 1);
        first.produce(broken, "a");
        first.produce(sound, "b");
        String object = cluster.layout.walKey(first.stream(), 1);
        first.crash();
        cluster.outliveLeases();
        byte[] before = cluster.replaceMetadata(cluster.keys.partition(broken), "{torn".getBytes(UTF_8));
        // When
        TestBroker second = cluster.started();
        // Then
        assertThat(second.values(sound)).containsExactly("b");
        assertThat(cluster.kind(second.append(broken, Batches.of(0, "x")))).isEqualTo(LogException.Kind.CORRUPT);
        cluster.await(second.log.flush());
        cluster.advance(Duration.ofHours(2));
        assertThat(second.record(sound).tenures()).noneMatch(t -> t.stream().brokerEpoch() == 1);
        assertThat(cluster.objects.keys("test/.wal/1-1/")).contains(object);
        // And
        second.crash();
        cluster.outliveLeases();
        cluster.replaceMetadata(cluster.keys.partition(broken), before);
        assertThat(cluster.started().values(broken)).containsExactly("a");
    }

    @Test
    void aStartDuringAnOutageOfTheStoreFailsAndTheNextOneSucceeds() {
        // Given
        TestBroker first = cluster.started();
        PartitionId id = TestBroker.partition(first.create("orders", 1), 0);
        first.produce(id, "a");
        first.crash();
        cluster.outliveLeases();
        cluster.storeFails("tail", ".wal/1-1/");
        // When
        Throwable failure = cluster.failure(cluster.broker(1).start());
        cluster.objects.heal();
        // Then
        assertThat(failure).isInstanceOf(StorageException.class);
        assertThat(cluster.access().store().range(cluster.keys.imagePrefix() + "brokers/"))
                .satisfies(found -> assertThat(cluster.await(found).keys()).isEmpty());
        assertThat(cluster.started().values(id)).containsExactly("a");
    }

    @Test
    void aStreamThatNoPartitionNeedsIsSealedAndCollected() {
        // Given
        cluster.started().crash();
        cluster.outliveLeases();
        // When
        TestBroker second = cluster.started();
        cluster.advance(Duration.ofMinutes(3));
        // Then
        assertThat(cluster.objects.keys("test/.wal/1-1/")).hasSize(1).allMatch(key -> key.endsWith("01.wal"));
        assertThat(second.images.image().streams().values().stream()
                        .map(stream -> stream.value().state()))
                .containsExactlyInAnyOrder(StreamRecord.State.COLLECTED, StreamRecord.State.OPEN);
        cluster.advance(Duration.ofMinutes(2));
        assertThat(second.images.image().streams())
                .as("what the metadata store knows of it goes, too")
                .containsOnlyKeys(second.engine.session().incarnation());
        assertThat(second.images.image().isOver(new BrokerIncarnation(1, 1))).isTrue();
    }

    @Test
    void aStreamIsCollectedOnceSegmentsHaveWhatItHeld() {
        // Given
        TestBroker first = cluster.started();
        PartitionId id = TestBroker.partition(first.create("orders", 1), 0);
        first.produce(id, "a", "b");
        TestBroker second = restarted(first);
        // When
        cluster.advance(Duration.ofMinutes(59));
        assertThat(cluster.objects.keys("test/.wal/1-1/")).hasSize(3);
        cluster.advance(Duration.ofMinutes(5));
        // Then
        assertThat(cluster.objects.keys("test/.wal/1-1/")).hasSize(1);
        assertThat(second.values(id)).containsExactly("a", "b");
        TestBroker third = restarted(second);
        assertThat(third.values(id)).containsExactly("a", "b");
    }

    private TestBroker restarted(TestBroker broker) {
        broker.crash();
        cluster.outliveLeases();
        return cluster.started();
    }
}
