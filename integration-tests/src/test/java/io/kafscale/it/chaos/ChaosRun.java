package io.kafscale.it.chaos;

import io.kafscale.it.cluster.ClusterBroker;
import io.kafscale.it.cluster.ClusterUnderTest;
import io.kafscale.it.cluster.Scenario;
import io.kafscale.it.history.Event;
import io.kafscale.it.workload.WorkloadPlan;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Three brokers and one that comes and goes, clients of all kinds, and rounds of troubles drawn from a seed: one or two at a time,
 * short or longer than a registration lasts. After each round everything must recover and all that was produced must be read and
 * committed within a minute per step. Used once, by one thread.
 */
final class ChaosRun implements AutoCloseable {
    private static final int BROKERS = 3;
    private static final int SHORTEST_MS = 200;
    private static final int SHORT_MS = 5_000;
    private static final int LONG_MS = 11_000;
    private static final int LONGEST_MS = 15_000;
    private static final int ONE_IN = 3;
    private static final int MOST_STARTS = 5;

    private static final Logger LOG = LoggerFactory.getLogger(ChaosRun.class);

    private final String name;
    private final RandomGenerator random;
    private final Scenario scenario;
    private final List<ClusterBroker> brokers;
    private final ClusterBroker spare;
    private final Troubles troubles;
    private int rounds;

    private ChaosRun(long seed) {
        this.name = "chaos with seed " + seed;
        this.random = new Random(seed);
        ClusterUnderTest cluster = ClusterUnderTest.start(BROKERS);
        this.brokers = List.copyOf(cluster.brokers());
        this.spare = cluster.add(BROKERS + 1);
        this.scenario = Scenario.start("chaos-" + seed, cluster, WorkloadPlan.everything(seed));
        this.troubles = new Troubles(scenario, brokers, spare, random);
    }

    /** Chaos for as long as {@code time}, then the last word of the rules. */
    static void run(long seed, Duration time) {
        LOG.info("chaos for {} with seed {}", time, seed);
        System.out.println("chaos: seed " + seed);
        try (var chaos = new ChaosRun(seed)) {
            chaos.run(time);
        }
    }

    private void run(Duration time) {
        long end = scenario.history().now() + time.toNanos();
        while (scenario.history().now() < end) {
            round();
            rounds++;
        }
        scenario.settle();
        scenario.cluster().command("fsck", "--deep");
        System.out.println(name + ": " + rounds + " rounds");
    }

    private void round() {
        Trouble first = troubles.next();
        first.begin().run();
        letPass();
        if (random.nextInt(ONE_IN) == 0) {
            Trouble second = troubles.next();
            if (!second.subject().equals(first.subject())) {
                second.begin().run();
                letPass();
                first.end().run();
                letPass();
                first = second;
            }
        }
        first.end().run();
        recover();
    }

    private void letPass() {
        int ms = random.nextInt(ONE_IN) == 0
                ? random.nextInt(LONG_MS, LONGEST_MS)
                : random.nextInt(SHORTEST_MS, SHORT_MS);
        scenario.history().letPass(Duration.ofMillis(ms));
        scenario.history().assertSound(name);
    }

    /** Everything works again. A broker that could not start while a store was away is started again, as a supervisor would. */
    private void recover() {
        brokers.forEach(this::awaitReady);
        scenario.note("all is well");
        scenario.workload().awaitProgress();
        scenario.history().assertSound(name);
    }

    private void awaitReady(ClusterBroker broker) {
        int starts = 1;
        while (!broker.isReadyOrEnds() && starts < MOST_STARTS) {
            scenario.note("start " + broker + " once more");
            broker.launch();
            starts++;
        }
        if (!broker.isReadyOrEnds()) {
            scenario.history().add(new Event.ClientFailed(broker.toString(), "does not start"));
        } else if (!broker.isAlive()) {
            scenario.history().add(new Event.ClientFailed(broker.toString(), "has ended by itself"));
        }
        scenario.history().assertSound(name);
    }

    @Override
    public void close() {
        scenario.close();
    }
}
