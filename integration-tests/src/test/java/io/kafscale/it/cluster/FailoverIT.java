package io.kafscale.it.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.it.broker.OnlyKafscale;
import io.kafscale.it.workload.WorkloadPlan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * {@code kill -9} of a leader under load: how long until records are acknowledged again. The bounds are those of a busy machine; the
 * figures are printed.
 */
@OnlyKafscale
@Tag("cluster")
class FailoverIT {
    private static final int KILLS = Integer.getInteger("failover.kills", 10);
    private static final int BROKERS = 3;
    private static final Duration MEDIAN = Duration.ofSeconds(3);
    private static final Duration WORST = Duration.ofSeconds(10);

    @Test
    void partitionsOfADeadBrokerAreServedElsewhereWithinSeconds() {
        try (var scenario = Scenario.start("failover", BROKERS, WorkloadPlan.records(12, 200, 1))) {
            // When
            var first = new ArrayList<Duration>();
            var all = new ArrayList<Duration>();
            for (int kill = 0; kill < KILLS; kill++) {
                killOne(scenario, scenario.cluster().broker(1 + kill % BROKERS), first, all);
            }
            // Then
            System.out.println("failover, first partition: " + Figures.of(first));
            System.out.println("failover, all partitions: " + Figures.of(all));
            scenario.settle();
            assertThat(Figures.of(first).median()).isLessThanOrEqualTo(MEDIAN);
            assertThat(Figures.of(all).worst()).isLessThanOrEqualTo(WORST);
        }
    }

    /** Kills it when it leads something, measures, and starts it again. */
    private static void killOne(Scenario scenario, ClusterBroker victim, List<Duration> first, List<Duration> all) {
        scenario.awaitLeadership(victim);
        Set<Integer> led = scenario.ledBy(victim.id());
        scenario.note("kill -9 of " + victim);
        victim.kill();
        scenario.ackTimes().mark(scenario.history().now(), led);
        victim.launch();
        scenario.history()
                .await("acknowledged again: " + led, _ -> scenario.ackTimes().allAreBack());
        scenario.history().assertSound("failover");
        first.add(scenario.ackTimes().firstBack());
        all.add(scenario.ackTimes().lastBack());
        victim.awaitReady();
    }
}
