package io.kafscale.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.simulation.SimulationOptions.Misunderstood;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SimulationOptionsTest {
    @Test
    void withoutOptionsItRunsFreshSeedsForAMinute() throws Exception {
        var options = SimulationOptions.parse(List.of(), 4);
        assertThat(options.seed()).isEmpty();
        assertThat(options.count()).isEmpty();
        assertThat(options.time()).contains(Duration.ofMinutes(1));
        assertThat(options.threads()).isEqualTo(4);
        assertThat(options.isReplay()).isFalse();
    }

    @Test
    void aSeedAloneIsReplayed() throws Exception {
        var options = SimulationOptions.parse(List.of("--seed", "-42"), 4);
        assertThat(options.seed()).isEqualTo(OptionalLong.of(-42));
        assertThat(options.isReplay()).isTrue();
        assertThat(options.time()).isEmpty();
    }

    @Test
    void aSeedWithACountOrATimeIsWhereARangeBegins() throws Exception {
        assertThat(SimulationOptions.parse(List.of("--seed", "1", "--count", "7"), 1)
                        .isReplay())
                .isFalse();
        var timed = SimulationOptions.parse(List.of("--seed", "1", "--time", "3"), 1);
        assertThat(timed.isReplay()).isFalse();
        assertThat(timed.count()).isEmpty();
        assertThat(timed.time()).contains(Duration.ofSeconds(3));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--count 0", "--count many", "--seed", "--seeds 3", "--time -1", "7"})
    void whatItDoesNotUnderstandItRefuses(String arguments) {
        assertThatThrownBy(() -> SimulationOptions.parse(List.of(arguments.split(" ")), 1))
                .isInstanceOf(Misunderstood.class)
                .hasMessageContaining(arguments.split(" ")[0]);
    }
}
