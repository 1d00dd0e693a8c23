package io.kafscale.simulation;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How often things go wrong, and which. The weights are relative to each other.
 *
 * @param interval how long it takes on average until the next thing goes wrong
 * @param crash the process dies at any moment
 * @param crashAtLanding the process dies when the next object has landed, before it knows
 * @param storm the process dies again and again
 * @param roughStore something happens to a share of the requests of the object store, for a while
 * @param outage the object store refuses or does not answer, for a while
 * @param roughMetadata something happens to a share of the requests of the metadata store, for a while
 * @param cutOff the process cannot reach the metadata store for a while
 * @param pause the process stands still for a while
 * @param second a second process is started beside the first, which is cut off and maybe stands still
 * @param indexDamage an index is lost or damaged
 * @param compaction the metadata store forgets its history
 */
record ChaosSettings(
        Duration interval,
        int crash,
        int crashAtLanding,
        int storm,
        int roughStore,
        int outage,
        int roughMetadata,
        int cutOff,
        int pause,
        int second,
        int indexDamage,
        int compaction) {
    static ChaosSettings draw(RandomGenerator random) {
        return new ChaosSettings(
                Duration.ofMillis(800 + random.nextInt(6000)),
                weight(random, 4),
                weight(random, 6),
                random.nextInt(6) == 0 ? 2 : 0,
                weight(random, 8),
                weight(random, 2),
                weight(random, 4),
                weight(random, 2),
                weight(random, 2),
                random.nextInt(3) == 0 ? 3 : 0,
                weight(random, 3),
                weight(random, 1));
    }

    /** Half of all histories know nothing of each thing that can go wrong, so that the others show more clearly. */
    private static int weight(RandomGenerator random, int most) {
        return random.nextBoolean() ? 0 : 1 + random.nextInt(most);
    }
}
