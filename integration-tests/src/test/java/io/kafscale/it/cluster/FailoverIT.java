package io.kafscale.it.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.it.broker.OnlyKafscale;
import io.kafscale.it.workload.WorkloadPlan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * {@code kill -9} of a leader under load: how long until records are acknowledged again. The figures are printed; what is asserted
 * holds on a busy machine, too.
 */
@OnlyKafscale
@Tag("cluster")
class FailoverIT {
    private static final int KILLS = Integer.getInteger("failover.kills", 10);
    private static final int RESTARTS = 3;
    private static final int BROKERS = 3;
    private static final WorkloadPlan PLAN = WorkloadPlan.records(12, 200, 1);
    /** After this long a registration runs out: who is missed sooner was missed by others. */
    private static final Duration REGISTRATION = Duration.ofSeconds(10);

    /** A broker is taken for dead on evidence once in ten seconds; one that dies again sooner is given the time of its registration. */
    private static final Duration AGAIN = Duration.ofSeconds(12);

    private final Map<Integer, Long> killedNanos = new HashMap<>();

    @Test
    void partitionsOfADeadBrokerAreServedElsewhereBeforeItsRegistrationRunsOut() {
        try (var scenario = Scenario.start("failover", BROKERS, PLAN)) {
            // When
            var first = new ArrayList<Duration>();
            var all = new ArrayList<Duration>();
            for (int kill = 0; kill < KILLS; kill++) {
                ClusterBroker victim = scenario.cluster().broker(1 + kill % BROKERS);
                killOne(scenario, victim);
                awaitSuccessors(scenario);
                first.add(scenario.ackTimes().firstBack());
                all.add(scenario.ackTimes().lastBack());
                victim.start();
                // What it is handed while the next one dies would be measured, too.
                scenario.awaitLeadership(victim);
            }
            // Then
            System.out.println("failover, first partition: " + Figures.of(first));
            System.out.println("failover, all partitions: " + Figures.of(all));
            scenario.settle();
            assertThat(Figures.of(all).median()).isLessThan(REGISTRATION);
        }
    }

    @Test
    void aBrokerThatIsStartedAgainWhileOthersTakeOver() {
        try (var scenario = Scenario.start("failover-restart", BROKERS, PLAN)) {
            for (int kill = 0; kill < RESTARTS; kill++) {
                ClusterBroker victim = scenario.cluster().broker(1 + kill % BROKERS);
                killOne(scenario, victim);
                victim.launch();
                awaitSuccessors(scenario);
                victim.awaitReady();
            }
            scenario.awaitLeadership(scenario.cluster().broker(1));
            scenario.settle();
        }
    }

    /** Kills it when it leads something. */
    private void killOne(Scenario scenario, ClusterBroker victim) {
        scenario.awaitLeadership(victim);
        long again = killedNanos.getOrDefault(victim.id(), 0L) + AGAIN.toNanos();
        boolean isFirst = !killedNanos.containsKey(victim.id());
        scenario.history()
                .await(
                        victim + " may be taken for dead again",
                        _ -> isFirst || scenario.history().now() > again);
        Set<Integer> led = scenario.ledBy(victim.id());
        scenario.note("kill -9 of " + victim);
        victim.kill();
        long now = scenario.history().now();
        killedNanos.put(victim.id(), now);
        scenario.ackTimes().mark(now, led);
    }

    private static void awaitSuccessors(Scenario scenario) {
        scenario.history()
                .await(
                        "acknowledged again what the dead broker led",
                        _ -> scenario.ackTimes().allAreBack());
        scenario.history().assertSound("failover");
    }
}
