package io.kafscale.log.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.runtime.References;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PinsTest {
    private final AtomicInteger givenBack = new AtomicInteger();
    private final References memory = new References(givenBack::incrementAndGet);

    @Test
    void memoryStaysUntilTheLastReaderIsDone() {
        var one = new Pins();
        var other = new Pins();
        one.add(memory);
        one.add(memory);
        other.add(memory);
        memory.release();
        one.release();
        one.release();
        assertThat(givenBack).hasValue(0);
        other.release();
        assertThat(givenBack).hasValue(1);
    }

    @Test
    void whoIsDoneGetsNothingMore() {
        var pins = new Pins();
        pins.release();
        assertThatThrownBy(() -> pins.add(memory)).isInstanceOf(IllegalStateException.class);
        memory.release();
        assertThat(givenBack).hasValue(1);
    }

    @Test
    void whatIsPinnedWhileSomethingIsDoneIsReleasedWhenItEndsOrFails() {
        var done = new CompletableFuture<String>();
        CompletableFuture<String> use = Pins.during(pins -> {
            pins.add(memory);
            return done;
        });
        memory.release();
        assertThat(givenBack).hasValue(0);
        done.completeExceptionally(new IllegalStateException("broken"));
        assertThat(use).isCompletedExceptionally();
        assertThat(givenBack).hasValue(1);
    }
}
