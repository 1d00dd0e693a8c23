package io.kafscale.it.chaos;

import io.kafscale.it.broker.OnlyKafscale;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Two minutes of {@link ChaosIT} in every run of all tests, each with a seed of its own, which is printed. */
@OnlyKafscale
class BriefChaosIT {
    private static final Duration TIME = Duration.ofMinutes(2);

    @Test
    void nothingIsLostRepeatedOrReordered() {
        ChaosRun.run(ChaosIT.seed(), TIME);
    }
}
