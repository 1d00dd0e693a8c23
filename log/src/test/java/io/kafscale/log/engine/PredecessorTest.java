package io.kafscale.log.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.metastore.cluster.EvictResult;
import io.kafscale.metastore.cluster.PartitionId;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Brokers that are started where an earlier one is still registered. */
class PredecessorTest {
    private static final Duration SOON = Duration.ofSeconds(2);

    private final TestCluster cluster = new TestCluster();

    @Test
    void aBrokerThatHoldsTheAddressOfItsPredecessorDoesNotWaitForItsLease() {
        // Given
        TestBroker first = cluster.started();
        PartitionId id = TestBroker.partition(first.create("orders", 1), 0);
        first.produce(id, "a");
        first.crash();
        long crashed = cluster.time.nanoTime();
        // When
        TestBroker second = cluster.broker(holdingThePort(1, 9092));
        cluster.await(second.start());
        // Then
        assertThat(Duration.ofNanos(cluster.time.nanoTime() - crashed)).isLessThan(SOON);
        assertThat(second.values(id)).containsExactly("a");
        assertThat(second.produce(id, "b").baseOffset()).isEqualTo(1);
    }

    @Test
    void aPredecessorAtAnotherAddressIsWaitedFor() {
        // Given
        TestBroker first = cluster.started();
        first.crash();
        // When
        TestBroker second = cluster.broker(holdingThePort(1, 9093));
        var start = second.start();
        cluster.advance(SOON);
        // Then
        assertThat(start).isNotDone();
        cluster.await(start);
    }

    @Test
    void twoProcessesOfOneIdAndAddressDisturbEachOtherOnceAndTheSecondIsRefused() {
        // Given
        TestBroker first = cluster.started();
        PartitionId id = TestBroker.partition(first.create("orders", 1), 0);
        first.produce(id, "a");
        var incarnation = cluster.onLoopGet(first, () -> first.engine.incarnation());
        // When
        Throwable refusal =
                cluster.failure(cluster.broker(holdingThePort(1, 9092)).start());
        // Then
        assertThat(refusal)
                .isInstanceOf(LogStartException.class)
                .hasMessageContaining("another broker with node.id 1 is registered from localhost:9092");
        assertThat(first.produce(id, "b").baseOffset()).isEqualTo(1);
        assertThat(cluster.onLoopGet(first, () -> first.engine.incarnation())).isEqualTo(incarnation);
    }

    @Test
    void aProcessThatIsStartedAgainAndAgainDeposesItsTwinOnceInTenSeconds() {
        // Given
        TestBroker first = cluster.started();
        // When
        TestBroker second = cluster.broker(holdingThePort(1, 9092));
        second.start();
        cluster.advance(Duration.ofSeconds(1));
        second.crash();
        long afterOne = registeredAt();
        TestBroker third = cluster.broker(holdingThePort(1, 9092));
        var start = third.start();
        cluster.advance(Duration.ofSeconds(6));
        // Then
        assertThat(registeredAt()).isEqualTo(afterOne);
        cluster.advance(EvictResult.PAUSE);
        assertThat(cluster.failure(start)).isInstanceOf(LogStartException.class);
        assertThat(cluster.onLoopGet(first, () -> first.engine.incarnation())).isPresent();
    }

    private long registeredAt() {
        return cluster.await(cluster.metadata.get(cluster.keys.broker(1)))
                .orElseThrow()
                .modRevision();
    }

    private BrokerEndpoint holdingThePort(int id, int port) {
        return new BrokerEndpoint(id, "localhost", port, null, "test", cluster.revision());
    }
}
