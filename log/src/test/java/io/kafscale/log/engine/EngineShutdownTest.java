package io.kafscale.log.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.log.LogException.Kind;
import io.kafscale.log.OffsetQuery;
import io.kafscale.log.fixture.Batches;
import io.kafscale.metastore.cluster.PartitionId;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class EngineShutdownTest {
    private final TestCluster cluster = new TestCluster();

    @Test
    void closingTwiceWaitsForTheSameEnd() {
        // Given
        TestBroker broker = cluster.started();
        PartitionId id = TestBroker.partition(broker.create("orders", 1), 0);
        cluster.objects.latency(Duration.ofSeconds(2));
        var append = broker.append(id, Batches.of(0, "a"));
        // When
        var first = broker.engine.close();
        var second = broker.engine.close();
        cluster.advance(Duration.ofSeconds(1));
        // Then
        assertThat(List.of(first, second)).noneMatch(close -> close.isDone());
        cluster.await(second);
        assertThat(first).isCompleted();
        assertThat(append).isCompleted();
        assertThat(cluster.await(broker.engine.close())).isNull();
    }

    @Test
    void theRegistrationGoesAfterTheLastAcknowledgement() {
        // Given
        TestBroker broker = cluster.started();
        PartitionId id = TestBroker.partition(broker.create("orders", 1), 0);
        cluster.objects.latency(Duration.ofSeconds(2));
        var append = broker.append(id, Batches.of(0, "a"));
        // When
        var close = broker.engine.close();
        while (!append.isDone()) {
            assertThat(broker.images.image().brokers()).containsKey(1);
            cluster.advance(Duration.ofMillis(100));
        }
        cluster.await(close);
        cluster.advance(Duration.ofMillis(100));
        // Then
        assertThat(append).isCompleted();
        assertThat(broker.images.image().brokers()).isEmpty();
    }

    @Test
    void aClosedEngineRefusesEverything() {
        // Given
        TestBroker broker = cluster.started();
        PartitionId id = TestBroker.partition(broker.create("orders", 1), 0);
        var parked = broker.log.fetch(broker.query(id, 0, 1, Duration.ofMinutes(5)));
        cluster.settle();
        // When
        cluster.await(broker.engine.close());
        // Then
        assertThat(cluster.kind(broker.append(id, Batches.of(0, "x")))).isEqualTo(Kind.CLOSED);
        assertThat(cluster.kind(broker.log.flush())).isEqualTo(Kind.CLOSED);
        assertThat(cluster.kind(broker.log.ready(id.topicId()))).isEqualTo(Kind.CLOSED);
        assertThat(cluster.kind(broker.log.lookup(id, new OffsetQuery.Earliest())))
                .isEqualTo(Kind.CLOSED);
        cluster.settle();
        assertThat(parked).isDone();
    }

    @Test
    void aCloseDuringAnOutageEndsWhenTheStoreIsBack() {
        // Given
        TestBroker broker = cluster.started();
        PartitionId id = TestBroker.partition(broker.create("orders", 1), 0);
        cluster.storeDown();
        var append = broker.append(id, Batches.of(0, "a"), Duration.ofMinutes(10));
        // When
        var close = broker.engine.close();
        cluster.advance(Duration.ofMinutes(2));
        assertThat(close).isNotDone();
        cluster.objects.heal();
        // Then
        cluster.await(close);
        assertThat(append).isCompleted();
        broker.crash();
        assertThat(cluster.started().values(id)).containsExactly("a");
    }

    @Test
    void aBrokerThatIsFencedWhileItClosesEndsWithTheReasonAndWithoutItsRegistration() {
        // Given
        TestBroker broker = cluster.started();
        PartitionId id = TestBroker.partition(broker.create("orders", 1), 0);
        cluster.sealAsAnother(broker.stream());
        var append = broker.append(id, Batches.of(0, "a"));
        // When
        var close = broker.engine.close();
        // Then
        assertThat(cluster.kind(close)).isEqualTo(Kind.NOT_LEADER);
        assertThat(cluster.kind(append)).isEqualTo(Kind.NOT_LEADER);
        cluster.settle();
        assertThat(broker.images.image().brokers()).isEmpty();
        assertThat(cluster.objects.keys("test/.wal/1-2/")).isEmpty();
    }

    @Test
    void aBrokerClosedWhileItStartsLeavesNobodyBehind() {
        // Given
        cluster.objects.latency(Duration.ofSeconds(1));
        TestBroker broker = cluster.broker(1);
        var start = broker.start();
        while (cluster.objects.requests().stream().noneMatch(r -> r.key().contains(".wal/1-1/"))) {
            cluster.advance(Duration.ofMillis(100));
        }
        // When
        cluster.await(broker.engine.close());
        // Then
        assertThat(cluster.kind(start)).isEqualTo(Kind.CLOSED);
        cluster.settle();
        assertThat(broker.images.image().brokers()).isEmpty();
    }

    @Test
    void aBrokerClosedWhileItStartsOverLeavesNobodyBehind() {
        // Given
        TestBroker broker = cluster.started();
        PartitionId id = TestBroker.partition(broker.create("orders", 1), 0);
        var stream = broker.stream();
        cluster.sealAsAnother(stream);
        var append = broker.append(id, Batches.of(0, "a"));
        assertThat(cluster.kind(append)).isEqualTo(Kind.NOT_LEADER);
        // When
        cluster.await(broker.engine.close());
        cluster.advance(Duration.ofMinutes(1));
        // Then
        assertThat(broker.images.image().brokers()).isEmpty();
        assertThat(cluster.kind(broker.append(id, Batches.of(0, "x")))).isEqualTo(Kind.CLOSED);
    }
}
