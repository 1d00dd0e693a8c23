package io.kafscale.it.history;

import static io.kafscale.it.history.Story.A0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.it.history.Event.Acked;
import io.kafscale.it.history.Event.CommitAcked;
import io.kafscale.it.history.Event.Fault;
import io.kafscale.it.history.Event.Read;
import io.kafscale.it.history.Event.ReadFrom;
import io.kafscale.it.history.Event.Sent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryTest {
    @TempDir
    Path directory;

    private Path journal;
    private History history;

    @BeforeEach
    void begin() {
        journal = directory.resolve("journal");
        history = new History(journal, Rules.all(Duration.ofSeconds(3)));
    }

    @Test
    void aSoundHistoryLeavesNothingBehind() {
        // Given
        history.add(new Sent(A0, 0));
        history.add(new Acked(A0, 0, 0));
        history.add(new ReadFrom("r", 0, 0));
        history.add(new Read("r", 0, 0, A0, 0, 17));
        // When
        history.finish();
        history.assertSound("seed 1");
        history.close();
        // Then
        assertThat(history.isSound()).isTrue();
        assertThat(journal).doesNotExist();
    }

    @Test
    void aViolationTellsTheSeedWhatWasDoneAndWhatHappenedToThePartition() throws IOException {
        // Given
        history.add(new Fault("kill -9 of broker 2"));
        history.add(new Sent(A0, 0));
        history.add(new Acked(A0, 0, 0));
        history.add(new Sent(new Source("a", 1), 0));
        // When
        history.finish();
        history.close();
        // Then
        assertThatThrownBy(() -> history.assertSound("seed 4711"))
                .hasMessageContaining("seed 4711")
                .hasMessageContaining("AcknowledgedIsReadableOnce")
                .hasMessageContaining("kill -9 of broker 2")
                .hasMessageContaining("Acked[source=a/0, number=0, offset=0]")
                .hasMessageNotContaining("a/1")
                .hasMessageContaining(journal.toString());
        assertThat(Files.readAllLines(journal))
                .hasSize(5)
                .last()
                .asString()
                .startsWith("VIOLATION of AcknowledgedIsReadableOnce");
    }

    @Test
    void whoWaitsIsWokenByProgress() {
        // Given
        var waiting = CompletableFuture.runAsync(() -> history.await("an ack", progress -> progress.acked() == 1));
        // When
        history.add(new Sent(A0, 0));
        history.add(new Acked(A0, 0, 0));
        // Then
        waiting.join();
        assertThat(history.read(Progress::open)).isZero();
        assertThat(history.read(progress -> progress.end(0))).isEqualTo(1);
        history.close();
    }

    @Test
    void whoWaitsIsWokenByAViolation() {
        // Given
        var waiting = CompletableFuture.runAsync(() -> history.await("an ack", progress -> progress.acked() == 1));
        // When
        history.add(new Read("r", 0, 0, A0, 0, 17));
        // Then
        waiting.join();
        assertThat(history.isSound()).isFalse();
        history.close();
    }

    @Test
    void itKnowsHowFarEverybodyIs() {
        // When
        history.add(new ReadFrom("r", 3, 7));
        history.add(new CommitAcked("g", 3, 5));
        history.add(new CommitAcked("g", 3, 4));
        // Then
        assertThat(history.read(progress -> progress.position("r", 3))).isEqualTo(7);
        assertThat(history.read(progress -> progress.committed("g", 3))).isEqualTo(5);
        assertThat(history.read(progress -> progress.committed("g", 4))).isZero();
        assertThat(history.read(progress -> progress.lastAcked(A0))).isEqualTo(-1);
        history.close();
    }
}
