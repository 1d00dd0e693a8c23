package io.kafscale.log.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.format.ObjectLayout;
import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.LogSettings;
import io.kafscale.log.TopicSettings;
import io.kafscale.log.fixture.FakeLeadership;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.PartitionOutcome;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.Versioned;
import io.kafscale.objectstore.InMemoryObjectStore;
import io.kafscale.runtime.ByteBudget;
import io.kafscale.runtime.EventLoop;
import io.kafscale.runtime.simulated.SimulatedTime;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoredPartitionTest {
    private static final PartitionId ID = new PartitionId(new UUID(7, 7), 0);
    private static final BrokerIncarnation ME = new BrokerIncarnation(1, 1);

    private final SimulatedTime time = new SimulatedTime(0);
    private final EventLoop loop = time.newLoop("log");
    private final CompletableFuture<PartitionOutcome> outcome = new CompletableFuture<>();
    private final StoredPartition partition = new StoredPartition(
            new PartitionPlace(ID, "orders", "orders"),
            new Versioned<>(PartitionRecord.first(ID.topicId(), 0, ME), 1),
            TopicSettings.of(Map.of(), LogSettings.defaults()),
            new PartitionStores(
                    new InMemoryObjectStore(loop, time),
                    new ObjectLayout("test"),
                    (read, next) -> outcome,
                    (stream, sequence) -> {},
                    new FakeLeadership(),
                    new ByteBudget("WAL directory", 1000),
                    loop));

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aChangeUnderWayEndsWhenThePartitionIsClosedAndThenTurnsOutToBeLost(boolean guardFailed) {
        // Given
        CompletableFuture<PartitionRecord> change = partition.advanceLogStart(5);
        CompletableFuture<PartitionRecord> behind = partition.advanceLogStart(6);
        partition.close(new LogException(Kind.NOT_LEADER, "fenced"));
        // When
        outcome.complete(
                guardFailed ? new PartitionOutcome.GuardFailed("broker/1") : new PartitionOutcome.Conflict(null));
        time.runDue();
        // Then
        assertThat(change).isCompletedExceptionally();
        assertThat(behind).isCompletedExceptionally();
    }

    @Test
    void aLossIsToldOnce() {
        // Given
        var losses = new int[1];
        partition.whenLost(cause -> losses[0]++);
        var change = partition.advanceLogStart(5);
        // When
        outcome.complete(new PartitionOutcome.GuardFailed("broker/1"));
        time.runDue();
        // Then
        assertThat(change.exceptionNow()).isInstanceOf(LogException.class);
        assertThat(losses[0]).isEqualTo(1);
    }
}
