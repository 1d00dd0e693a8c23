package io.kafscale.app.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeapBudgetsTest {
    private static final long MIB = 1 << 20;

    private static EffectiveSettings read(String... assignments) {
        return SettingsReader.read(Optional.empty(), Map.of("KAFSCALE_CACHE_BYTES", "64MiB"), List.of(assignments));
    }

    @Test
    void theDefaultsFitIntoTheHeapThatTheLauncherSets() {
        assertThatCode(() -> HeapBudgets.check(read(), 512 * MIB)).doesNotThrowAnyException();
    }

    @Test
    void theHeapOfThisProcessIsAllThatItWasGiven() {
        assertThat(HeapBudgets.heapBytes())
                .isGreaterThanOrEqualTo(Runtime.getRuntime().maxMemory())
                .isLessThan(1L << 50);
    }

    @Test
    void aHeapThatIsTooSmallIsRefusedWithAllThatIsInIt() {
        assertThatThrownBy(() -> HeapBudgets.check(read(), 511 * MIB))
                .isInstanceOf(SettingsException.class)
                .hasMessage("The heap of 511 MiB is smaller than what the broker may hold, 512 MiB:"
                        + " queued.request.bytes = '128MiB' (default), wal.buffer.bytes = '128MiB' (default),"
                        + " tail.cache.bytes = '64MiB' (default),"
                        + " cache.bytes = '64MiB' (environment KAFSCALE_CACHE_BYTES), and 128 MiB that are fixed."
                        + " Raise KAFSCALE_HEAP or lower some of these.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"queued.request.bytes", "wal.buffer.bytes", "tail.cache.bytes", "cache.bytes"})
    void eachBudgetCounts(String budget) {
        assertThatThrownBy(() -> HeapBudgets.check(read(budget + "=1GiB"), 1024 * MIB))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining(budget + " = '1GiB' (--set)")
                .hasMessageContaining("KAFSCALE_HEAP");
        assertThatCode(() -> HeapBudgets.check(read(budget + "=1GiB"), 2048 * MIB))
                .doesNotThrowAnyException();
    }
}
