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
        assertThat(budget.reserveOrWait(10, woken::incrementAndGet)).isFalse();
        budget.release(100);
        assertThat(woken).hasValue(0);
        budget.release(100);
        assertThat(woken).hasValue(1);
        budget.release(50);
        assertThat(woken).hasValue(1);
    }

    @Test
    void whoeverNeedsMoreRoomThanThereIsWaitsForARelease() {
        var woken = new AtomicInteger();
        budget.reserveForced(60);
        assertThat(budget.reserveOrWait(50, woken::incrementAndGet)).isFalse();
        assertThat(woken).hasValue(0);
        budget.release(1);
        assertThat(woken).hasValue(1);
        assertThat(budget.reserveOrWait(41, woken::incrementAndGet)).isTrue();
        budget.release(100);
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
