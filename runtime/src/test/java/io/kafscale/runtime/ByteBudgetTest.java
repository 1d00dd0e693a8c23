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
    void aWaiterIsWokenOnceWhenThereIsRoom() {
        var woken = new AtomicInteger();
        budget.reserveForced(250);
        budget.whenRoom(woken::incrementAndGet);
        budget.release(100);
        assertThat(woken).hasValue(0);
        budget.release(100);
        assertThat(woken).hasValue(1);
        budget.release(50);
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
