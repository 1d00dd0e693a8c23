package io.kafscale.it.chaos;

import io.kafscale.it.broker.OnlyKafscale;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Two minutes of chaos, or {@code -Dchaos.seconds}. {@code -Dchaos.seed} repeats a run's choices; what comes of them depends on the
 * machine, too.
 */
@OnlyKafscale
@Tag("cluster")
class ChaosIT {
    private static final long SEED = Long.getLong("chaos.seed", System.nanoTime());
    private static final Duration TIME = Duration.ofSeconds(Long.getLong("chaos.seconds", 120));

    @Test
    void nothingIsLostRepeatedOrReordered() {
        ChaosRun.run(SEED, TIME);
    }
}
