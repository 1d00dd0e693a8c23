package io.kafscale.it.chaos;

import io.kafscale.it.broker.OnlyKafscale;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * Two minutes of {@link ChaosIT} in every run of all tests, of the same choices each time unless {@code -Dchaos.seed} says otherwise: new
 * ones are for the long runs, whose failures somebody looks into.
 */
@OnlyKafscale
class BriefChaosIT {
    private static final long SEED = Long.getLong("chaos.seed", 3);
    private static final Duration TIME = Duration.ofMinutes(2);

    @Test
    void nothingIsLostRepeatedOrReordered() {
        ChaosRun.run(SEED, TIME);
    }
}
