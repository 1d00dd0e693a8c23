package io.kafscale.metastore;

/** Seeds of random tests: a new one each time, printed, or the one given with {@code -Dkafscale.seed=…}. */
public final class TestSeed {
    private TestSeed() {}

    /** A seed for {@code test}. */
    public static long of(Class<?> test) {
        long seed = Long.getLong("kafscale.seed", System.nanoTime());
        System.out.println(test.getSimpleName() + ": -Dkafscale.seed=" + seed);
        return seed;
    }
}
