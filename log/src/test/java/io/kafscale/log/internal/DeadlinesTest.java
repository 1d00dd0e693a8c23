package io.kafscale.log.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.runtime.simulated.SimulatedTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DeadlinesTest {
    private final SimulatedTime time = new SimulatedTime(0);
    private final Deadlines deadlines = new Deadlines(time.newLoop("log"));
    private final List<String> ran = new ArrayList<>();

    private Deadlines.Pending in(int ms, String name) {
        return deadlines.at(time.nanoTime() + Duration.ofMillis(ms).toNanos(), () -> ran.add(name));
    }

    @Test
    void tasksRunWhenTheirDeadlineHasPassedAndNeverBefore() {
        in(100, "b");
        in(50, "a");
        time.advance(Duration.ofMillis(49));
        assertThat(ran).isEmpty();
        time.advance(Duration.ofMillis(1 + Deadlines.SLOT_MS));
        assertThat(ran).containsExactly("a");
        time.advance(Duration.ofMillis(50));
        assertThat(ran).containsExactly("a", "b");
        assertThat(time.pending()).isZero();
    }

    @Test
    void whatIsCancelledNeverRunsAndIsForgottenAtOnce() {
        Deadlines.Pending first = in(50, "a");
        in(50, "b");
        Deadlines.Pending third = in(50, "c");
        first.cancel();
        first.cancel();
        third.cancel();
        assertThat(deadlines.size()).isEqualTo(1);
        time.advance(Duration.ofSeconds(1));
        assertThat(ran).containsExactly("b");
        first.cancel();
    }

    @Test
    void aTaskMayCancelAndAddOthers() {
        Deadlines.Pending[] other = new Deadlines.Pending[1];
        other[0] = in(50, "never");
        deadlines.at(Duration.ofMillis(50).toNanos(), () -> {
            other[0].cancel();
            in(10, "later");
        });
        time.advance(Duration.ofSeconds(1));
        assertThat(ran).containsExactly("later");
    }

    @Test
    void aTaskThatThrowsDoesNotStopTheOthers() {
        in(100, "later");
        in(50, "same time");
        deadlines.at(Duration.ofMillis(50).toNanos(), () -> {
            throw new IllegalStateException("broken");
        });
        assertThatThrownBy(() -> time.advance(Duration.ofSeconds(1))).hasMessage("broken");
        time.advance(Duration.ofSeconds(1));
        assertThat(ran).containsExactly("same time", "later");
    }

    @Test
    void aDeadlineThatNeverComesIsNoDeadline() {
        deadlines.at(Long.MAX_VALUE, () -> ran.add("never"));
        time.advance(Duration.ofDays(10_000));
        assertThat(ran).isEmpty();
    }

    @Test
    void manyDeadlinesKeepTheirOrder() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        List<Integer> due = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            int slot = random.nextInt(200);
            deadlines.at(slot * 5_000_000L, () -> due.add(slot));
        }
        time.advance(Duration.ofSeconds(2));
        assertThat(due).as("seed %d", seed).hasSize(1000).isSorted();
    }
}
