package io.kafscale.simulation;

import io.kafscale.log.LogSettings;
import io.kafscale.simulation.client.AdministratorSettings;
import io.kafscale.simulation.client.ProducerSettings;
import io.kafscale.simulation.store.MetadataSettings;
import io.kafscale.simulation.store.StoreSettings;
import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * What is drawn from the seed before a history begins: how everything is configured and how much goes wrong. Sizes are so small and
 * times so short that a history of a minute sees what a broker sees in weeks.
 *
 * @param turbulence how long things go wrong
 * @param rereaders consumers that read from anywhere to the end, again and again
 * @param producersPerPartition most producers of a partition
 */
record HistoryPlan(
        Duration turbulence,
        LogSettings log,
        StoreSettings store,
        MetadataSettings metadata,
        ChaosSettings chaos,
        AdministratorSettings administrator,
        Duration networkLatency,
        int rereaders,
        int producersPerPartition) {

    static HistoryPlan of(Seeds seeds) {
        RandomGenerator random = seeds.stream("plan");
        return new HistoryPlan(
                Duration.ofSeconds(15 + random.nextInt(45)),
                log(random),
                store(random),
                new MetadataSettings(
                        Duration.ofMillis(1 + random.nextInt(10)),
                        Duration.ofMillis(500 + random.nextInt(4000)),
                        random.nextDouble() * 0.3),
                ChaosSettings.draw(random),
                new AdministratorSettings(
                        1 + random.nextInt(3),
                        1 + random.nextInt(3),
                        Duration.ofMillis(1000 + random.nextInt(6000)),
                        random.nextInt(3) == 0 ? random.nextDouble() * 0.3 : 0.02,
                        random.nextInt(2) * 0.4),
                Duration.ofNanos(100_000 + random.nextInt(2_000_000)),
                1 + random.nextInt(2),
                1 + random.nextInt(2));
    }

    private static LogSettings log(RandomGenerator random) {
        double rate = random.nextInt(3) == 0 ? Double.POSITIVE_INFINITY : 2 + random.nextInt(20);
        int flushBytes = 1024 << random.nextInt(7);
        return new LogSettings(
                rate,
                flushBytes,
                (long) flushBytes * (2 + random.nextInt(12)),
                512L << random.nextInt(8),
                random.nextInt(8) == 0 ? 1 : 4096L << random.nextInt(8),
                1024 << random.nextInt(6),
                Duration.ofMillis(random.nextInt(3) == 0 ? 300 + random.nextInt(3000) : 5_000 + random.nextInt(40_000)),
                Duration.ofMillis(2_000 + random.nextInt(random.nextBoolean() ? 1_500 : 20_000)),
                Duration.ofMillis(500 + random.nextInt(10_000)));
    }

    private static StoreSettings store(RandomGenerator random) {
        return new StoreSettings(
                Duration.ofMillis(2 + random.nextInt(random.nextInt(3) == 0 ? 150 : 30)),
                Duration.ofMillis(1_000 + random.nextInt(20_000)),
                Duration.ofSeconds(2 + random.nextInt(30)),
                0.02 + random.nextDouble() * 0.4,
                random.nextDouble() * (random.nextBoolean() ? 0.5 : 0.1),
                random.nextInt(3) == 0 ? 2 + random.nextInt(20) : 1000);
    }

    /** The settings of a producer that says something when all is quiet. */
    static ProducerSettings lateProducer() {
        return new ProducerSettings(
                true,
                5,
                true,
                Duration.ofSeconds(20),
                Duration.ofMinutes(2),
                Duration.ofMillis(100),
                Duration.ofSeconds(1),
                2,
                100,
                Optional.empty());
    }

    /** The settings of one producer. */
    static ProducerSettings producer(RandomGenerator random) {
        boolean idempotent = random.nextInt(4) > 0;
        boolean single = random.nextInt(4) == 0;
        return new ProducerSettings(
                idempotent,
                single ? 1 : 5,
                idempotent || random.nextInt(3) > 0,
                Duration.ofMillis(2_000 + random.nextInt(28_000)),
                Duration.ofMillis(random.nextInt(4) == 0 ? 8_000 + random.nextInt(20_000) : 120_000),
                Duration.ofMillis(20 + random.nextInt(200)),
                Duration.ofMillis(random.nextInt(5) == 0 ? 2_000 + random.nextInt(15_000) : 30 + random.nextInt(700)),
                1 + random.nextInt(8),
                33 + random.nextInt(400),
                random.nextInt(3) == 0
                        ? Optional.of(Duration.ofMillis(2_000 + random.nextInt(10_000)))
                        : Optional.empty());
    }
}
