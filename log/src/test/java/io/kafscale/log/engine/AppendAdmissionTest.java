package io.kafscale.log.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.log.AppendRequest;
import io.kafscale.log.AppendRequest.Acknowledge;
import io.kafscale.log.AppendResult;
import io.kafscale.log.LogException;
import io.kafscale.log.internal.Deadlines;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.runtime.ByteBudget;
import io.kafscale.runtime.EventLoop;
import io.kafscale.runtime.simulated.SimulatedTime;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class AppendAdmissionTest {
    private static final long NEVER = Long.MAX_VALUE / 2;

    private final SimulatedTime time = new SimulatedTime(0);
    private final EventLoop loop = time.newLoop("log");
    private final ByteBudget buffer = new ByteBudget("WAL buffer", 100);
    private final List<Integer> appended = new ArrayList<>();
    private final AppendAdmission admission =
            new AppendAdmission(loop, buffer, new Deadlines(loop), (request, footprint) -> {
                appended.add(request.batches().remaining());
                return CompletableFuture.completedFuture(new AppendResult(0, 0, 0, 0));
            });

    @Test
    void anAppendThatDoesNotFitWaitsWithoutTurningTheLoopUntilItDoes() {
        // Given
        buffer.reserveForced(60);
        var answer = admit(50, NEVER);
        // When
        time.runDue();
        // Then
        assertThat(time.pending()).as("tasks beside the deadline").isEqualTo(1);
        assertThat(answer).isNotDone();
        // When
        buffer.release(10);
        time.runDue();
        // Then
        assertThat(answer).isCompleted();
    }

    @Test
    void appendsEnterInTheOrderTheyCameEvenIfALaterOneWouldFit() {
        buffer.reserveForced(60);
        admit(50, NEVER);
        admit(5, NEVER);
        time.runDue();
        assertThat(appended).isEmpty();
        buffer.release(60);
        time.runDue();
        assertThat(appended).containsExactly(50, 5);
    }

    @Test
    void whenTheFirstGivesUpTheNextEntersIfItFits() {
        // Given
        buffer.reserveForced(60);
        var first = admit(50, Duration.ofSeconds(1).toNanos());
        var second = admit(30, NEVER);
        // When
        time.advance(Duration.ofSeconds(2));
        // Then
        assertThatThrownBy(first::join).hasRootCauseInstanceOf(LogException.class);
        assertThat(second).isCompleted();
    }

    private CompletableFuture<AppendResult> admit(int bytes, long deadlineNanos) {
        return admission.admit(new AppendRequest(
                new PartitionId(new UUID(0, 1), 0),
                ByteBuffer.allocate(bytes),
                Acknowledge.DURABLE,
                deadlineNanos,
                OptionalInt.empty()));
    }
}
