package io.kafscale.simulation;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Random streams, one for each component, all from one seed: what one component draws moves nothing in another, so a small change
 * leaves most of a history as it was. Immutable.
 */
public final class Seeds {
    private static final long GOLDEN_GAMMA = 0x9e37_79b9_7f4a_7c15L;

    private final long seed;

    /** The streams of one history. */
    public Seeds(long seed) {
        this.seed = seed;
    }

    /** The seed. */
    public long seed() {
        return seed;
    }

    /** The stream of a component: the same draws for the same seed and name. */
    public RandomGenerator stream(String component) {
        return new SplittableRandom(mixed(seed + mixed(component.hashCode() * GOLDEN_GAMMA)));
    }

    private static long mixed(long value) {
        long z = (value ^ (value >>> 30)) * 0xbf58_476d_1ce4_e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d0_49bb_1331_11ebL;
        return z ^ (z >>> 31);
    }
}
