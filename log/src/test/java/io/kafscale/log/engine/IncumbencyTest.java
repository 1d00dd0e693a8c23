package io.kafscale.log.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.objectstore.StorageException;
import io.kafscale.runtime.FutureFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class IncumbencyTest {
    private final List<CompletableFuture<Void>> looks = new ArrayList<>();
    private boolean registered;
    private final Incumbency incumbency = new Incumbency(() -> registered, this::look);

    private CompletableFuture<Void> look() {
        var look = new CompletableFuture<Void>();
        looks.add(look);
        return look;
    }

    @Test
    void aConfirmedRegistrationIsEnough() {
        registered = true;
        assertThat(incumbency.ascertain()).isCompleted();
        assertThat(looks).isEmpty();
    }

    @Test
    void whoeverAsksIsToldWhatWasFoundAfterTheQuestion() {
        // Given a look under way
        var first = incumbency.ascertain();
        // When others ask meanwhile
        var second = incumbency.ascertain();
        var third = incumbency.ascertain();
        looks.getFirst().complete(null);
        // Then they share another look
        assertThat(first).isCompleted();
        assertThat(second).isNotDone();
        assertThat(looks).hasSize(2);
        looks.getLast().complete(null);
        assertThat(second).isCompleted();
        assertThat(third).isCompleted();
        // And whoever comes later has one of their own
        assertThat(incumbency.ascertain()).isNotDone();
        assertThat(looks).hasSize(3);
    }

    @Test
    void aFailedLookIsNotTheAnswerToALaterQuestion() {
        // Given
        var first = incumbency.ascertain();
        var second = incumbency.ascertain();
        // When
        looks.getFirst()
                .completeExceptionally(new StorageException(StorageException.Kind.UNAVAILABLE, "key", "no answer"));
        looks.getLast().complete(null);
        // Then
        assertThat(kind(first)).isEqualTo(Kind.STORAGE_UNAVAILABLE);
        assertThat(second).isCompleted();
    }

    @Test
    void aLostStreamIsSaidToBeLost() {
        var answer = incumbency.ascertain();
        looks.getFirst().completeExceptionally(new LogException(Kind.NOT_LEADER, "sealed"));
        assertThat(kind(answer)).isEqualTo(Kind.NOT_LEADER);
    }

    private static Kind kind(CompletableFuture<Void> failed) {
        var failure = failed.handle((nothing, thrown) -> thrown).join();
        return ((LogException) FutureFailure.cause(failure)).kind();
    }
}
