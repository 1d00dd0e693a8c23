package io.kafscale.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ByteBudgetTest {
    private final ByteBudget budget = new ByteBudget("test", 100);

    @Test
    void refusesWhatDoesNotFit() {
        assertThat(budget.tryReserve(60)).isTrue();
        assertThat(budget.tryReserve(41)).isFalse();
        assertThat(budget.tryReserve(40)).isTrue();
        assertThat(budget.used()).isEqualTo(100);
    }

    @Test
    void oneOversizedReservationPassesAlone() {
        assertThat(budget.tryReserve(500)).isTrue();
        assertThat(budget.tryReserve(1)).isFalse();
        budget.release(500);
        assertThat(budget.tryReserve(1)).isTrue();
        assertThat(budget.tryReserve(500)).isFalse();
    }

    @Test
    void aWaiterIsWokenOnceWhenItsBytesFit() {
        var woken = new AtomicInteger();
        budget.reserveForced(250);
        budget.whenRoomFor(30, woken::incrementAndGet);
        budget.release(100);
        assertThat(woken).hasValue(0);
        budget.release(60); // 90 are held: there is room, but not for 30
        assertThat(woken).hasValue(0);
        budget.release(20);
        assertThat(woken).hasValue(1);
        budget.release(70);
        assertThat(woken).hasValue(1);
    }

    @Test
    void aWaiterWhoseBytesFitIsToldAtOnce() {
        var woken = new AtomicInteger();
        budget.reserveForced(70);
        budget.whenRoomFor(30, woken::incrementAndGet);
        assertThat(woken).hasValue(1);
    }

    @Test
    void aWaiterForMoreThanTheBudgetIsWokenWhenNothingIsHeld() {
        var woken = new AtomicInteger();
        budget.reserveForced(70);
        budget.whenRoomFor(500, woken::incrementAndGet);
        budget.release(69);
        assertThat(woken).hasValue(0);
        budget.release(1);
        assertThat(woken).hasValue(1);
    }

    @Test
    void releasingMoreThanIsHeldIsAnError() {
        budget.reserveForced(10);
        assertThatThrownBy(() -> budget.release(11))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("test");
    }
}
