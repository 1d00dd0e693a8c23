package io.kafscale.runtime.simulated;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.runtime.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SimulatedTimeTest {
    private final SimulatedTime time = new SimulatedTime(1_000);
    private final List<String> seen = new ArrayList<>();

    @Test
    void eventsRunInOrderOfTimeThenOfArrivalAcrossLoops() {
        EventLoop a = time.newLoop("a");
        EventLoop b = time.newLoop("b");
        b.schedule(Duration.ofMillis(2), () -> seen.add("b2"));
        a.schedule(Duration.ofMillis(1), () -> seen.add("a1"));
        a.execute(() -> seen.add("a0"));
        b.execute(() -> seen.add("b0"));
        time.runDue();
        assertThat(seen).containsExactly("a0", "b0");
        time.advance(Duration.ofMillis(5));
        assertThat(seen).containsExactly("a0", "b0", "a1", "b2");
        assertThat(time.wallClockMs()).isEqualTo(1_005);
    }

    @Test
    void aKilledLoopRunsNothingMore() {
        EventLoop a = time.newLoop("a");
        a.execute(() -> seen.add("before"));
        time.kill(a);
        a.execute(() -> seen.add("after"));
        time.advance(Duration.ofHours(1));
        assertThat(seen).isEmpty();
    }

    @Test
    void inLoopHoldsOnlyWhileItsTaskRuns() {
        EventLoop a = time.newLoop("a");
        EventLoop b = time.newLoop("b");
        a.execute(() -> seen.add(a.inLoop() + " " + b.inLoop()));
        time.runDue();
        assertThat(seen).containsExactly("true false");
        assertThat(a.inLoop()).isFalse();
    }
}
