package io.kafscale.it.chaos;

import io.kafscale.it.broker.OnlyKafscale;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Two minutes of chaos, or {@code -Dchaos.seconds}. {@code -Dchaos.seed} repeats a run's choices; what comes of them depends on the
 * machine, too.
 */
@OnlyKafscale
@Tag("cluster")
class ChaosIT {
    private static final Logger LOG = LoggerFactory.getLogger(ChaosIT.class);

    private final long seed = Long.getLong("chaos.seed", System.nanoTime());
    private final Duration time = Duration.ofSeconds(Long.getLong("chaos.seconds", 120));

    @Test
    void nothingIsLostRepeatedOrReordered() {
        LOG.info("chaos for {} with seed {}", time, seed);
        System.out.println("ChaosIT: seed " + seed);
        try (var chaos = new ChaosRun(seed)) {
            chaos.run(time);
        }
    }
}
