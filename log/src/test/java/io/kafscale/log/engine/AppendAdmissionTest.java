package io.kafscale.log.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.log.AppendResult;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.fixture.Batches;
import io.kafscale.metastore.cluster.PartitionId;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class AppendAdmissionTest {
    private static final int BUFFER = 10_000;
    private static final int BATCH = 3_000;

    private final TestCluster cluster = new TestCluster();

    @Test
    void appendsThatDoNotFitWaitInTheOrderTheyCame() {
        // Given
        TestBroker broker = startedWithSmallBuffer();
        PartitionId id = TestBroker.partition(broker.create("orders", 1), 0);
        cluster.objects.latency(Duration.ofSeconds(1));
        // When
        var appends = new ArrayList<CompletableFuture<AppendResult>>();
        for (int i = 0; i < 40; i++) {
            appends.add(broker.append(id, Batches.sized(i, i % 5 == 0 ? 2 * BATCH : BATCH), Duration.ofMinutes(5)));
        }
        // Then
        long offset = 0;
        for (var append : appends) {
            assertThat(cluster.await(append).baseOffset()).isEqualTo(offset++);
            assertThat(broker.reserved()).isLessThanOrEqualTo(BUFFER + 2_000);
        }
        cluster.settle();
        assertThat(broker.reserved()).isZero();
    }

    @Test
    void waitingForRoomTakesNoTurnsOfTheLoop() {
        // Given
        TestBroker broker = startedWithSmallBuffer();
        PartitionId id = TestBroker.partition(broker.create("orders", 1), 0);
        cluster.storeDown();
        for (int i = 0; i < 4; i++) {
            broker.append(id, Batches.sized(0, BATCH), Duration.ofMinutes(5));
        }
        cluster.settle();
        assertThat(broker.reserved()).isBetween(2L * BATCH, (long) BUFFER);
        // When
        long steps = 0;
        long end = cluster.time.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (cluster.time.nanoTime() < end && steps < 100_000) {
            cluster.time.step();
            steps++;
        }
        // Then
        assertThat(steps).isLessThan(1_000);
    }

    @Test
    void anAppendThatFindsNoRoomUntilItsDeadlineIsRefusedAndNeverAppended() {
        // Given
        TestBroker broker = startedWithSmallBuffer();
        PartitionId id = TestBroker.partition(broker.create("orders", 1), 0);
        cluster.storeDown();
        var first = broker.append(id, Batches.sized(0, 2 * BATCH), Duration.ofMinutes(5));
        var large = broker.append(id, Batches.sized(0, 2 * BATCH), Duration.ofSeconds(3));
        var small = broker.append(id, Batches.sized(0, 1_000), Duration.ofMinutes(5));
        // When
        assertThat(cluster.kind(large)).isEqualTo(Kind.TIMED_OUT);
        cluster.objects.heal();
        // Then
        assertThat(cluster.await(first).baseOffset()).isZero();
        assertThat(cluster.await(small).baseOffset()).isEqualTo(1);
        assertThat(broker.values(id)).hasSize(2);
    }

    @Test
    void aBatchThatFoundNoRoomInTimeIsNotOvertakenByTheNext() {
        // Given a producer of which nothing is known
        TestBroker broker = startedWithSmallBuffer();
        PartitionId id = TestBroker.partition(broker.create("orders", 1), 0);
        cluster.storeDown();
        var all = broker.append(id, Batches.sized(0, 2 * BUFFER), Duration.ofMinutes(5));
        var late = broker.append(id, Batches.by(1, 0, 0, 1), Duration.ofSeconds(3));
        var next = broker.append(id, Batches.by(1, 0, 1, 1), Duration.ofMinutes(5));
        // When
        assertThat(cluster.kind(late)).isEqualTo(Kind.TIMED_OUT);
        cluster.objects.heal();
        // Then
        assertThat(cluster.await(all).baseOffset()).isZero();
        assertThat(cluster.kind(next)).isEqualTo(Kind.NOT_LEADER);
        assertThat(cluster.await(broker.append(id, Batches.by(1, 0, 0, 1))).baseOffset())
                .isEqualTo(1);
        assertThat(cluster.await(broker.append(id, Batches.by(1, 0, 1, 1))).baseOffset())
                .isEqualTo(2);
    }

    @Test
    void oneAppendLargerThanTheBufferPassesAlone() {
        // Given
        TestBroker broker = startedWithSmallBuffer();
        PartitionId id = TestBroker.partition(broker.create("orders", 1), 0);
        // When
        var small = broker.append(id, Batches.sized(0, BATCH));
        var huge = broker.append(id, Batches.sized(0, 2 * BUFFER));
        var next = broker.append(id, Batches.sized(0, BATCH));
        // Then
        assertThat(List.of(cluster.await(small), cluster.await(huge), cluster.await(next)))
                .extracting(AppendResult::baseOffset)
                .containsExactly(0L, 1L, 2L);
        cluster.settle();
        assertThat(broker.reserved()).isZero();
    }

    @Test
    void appendsThatAreRefusedGiveTheirRoomBack() {
        // Given
        TestBroker broker = startedWithSmallBuffer();
        PartitionId id = TestBroker.partition(broker.create("orders", 1), 0);
        // When
        ByteBuffer torn = Batches.of(0, "torn").putInt(8, 100_000);
        var refused = List.of(
                broker.append(id, torn),
                broker.append(id, Batches.by(1, 0, 17, 1).putInt(16, 5).limit(20)),
                broker.append(new PartitionId(id.topicId(), 9), Batches.of(0, "x")));
        // Then
        assertThat(refused.stream().map(cluster::kind).toList())
                .containsExactly(Kind.CORRUPT, Kind.CORRUPT, Kind.UNKNOWN_PARTITION);
        assertThat(broker.reserved()).isZero();
        assertThat(broker.produce(id, "a").baseOffset()).isZero();
    }

    @Test
    void appendsThatWaitForRoomAreAnsweredWhenTheBrokerIsFenced() {
        // Given
        TestBroker broker = startedWithSmallBuffer();
        PartitionId id = TestBroker.partition(broker.create("orders", 1), 0);
        cluster.sealAsAnother(broker.stream());
        var wal = broker.engine.session().wal();
        // When
        var appends = new ArrayList<CompletableFuture<AppendResult>>();
        for (int i = 0; i < 10; i++) {
            appends.add(broker.append(id, Batches.sized(0, BATCH)));
        }
        // Then
        appends.forEach(append -> assertThat(cluster.kind(append)).isEqualTo(Kind.NOT_LEADER));
        cluster.settle();
        assertThat(wal.buffer().used()).isZero();
    }

    private TestBroker startedWithSmallBuffer() {
        cluster.bufferBytes(BUFFER);
        return cluster.started();
    }
}
