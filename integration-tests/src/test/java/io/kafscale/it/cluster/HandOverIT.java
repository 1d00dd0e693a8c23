package io.kafscale.it.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.it.broker.OnlyKafscale;
import io.kafscale.it.workload.Load;
import io.kafscale.it.workload.WorkloadPlan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Leadership that moves as planned, under load: no error reaches the application, and the gap in which nothing is acknowledged is
 * short. The bound is that of a busy machine; the figures are printed.
 */
@OnlyKafscale
@Tag("cluster")
class HandOverIT {
    private static final int PARTITIONS = 6;
    private static final int MOVES = 10;
    private static final WorkloadPlan PLAN = new WorkloadPlan(PARTITIONS, 1, new Load(600, 50, 1), 1, 1, true);
    private static final Duration LONGEST_GAP = Duration.ofSeconds(3);

    private static Scenario scenario;

    @BeforeAll
    static void start() {
        scenario = Scenario.start("hand-over", 3, PLAN);
    }

    @AfterAll
    static void stop() {
        try (Scenario ending = scenario) {
            ending.settle();
        }
    }

    @Test
    void aPartitionIsMoved() {
        // When
        var gaps = new ArrayList<Duration>();
        for (int move = 0; move < MOVES; move++) {
            gaps.add(gapOfAMove(move % PARTITIONS));
        }
        // Then
        System.out.println("hand-over, gap of a moved partition: " + Figures.of(gaps));
        assertThat(Figures.of(gaps).worst()).isLessThanOrEqualTo(LONGEST_GAP);
    }

    private static Duration gapOfAMove(int partition) {
        int from = scenario.leaders().getOrDefault(partition, 1);
        int to = 1 + from % 3;
        scenario.ackTimes().reset();
        scenario.move(partition, to);
        scenario.awaitLeader(partition, to);
        scenario.workload().awaitProgress();
        scenario.history().assertSound("hand-over");
        return scenario.ackTimes().longestGap(partition);
    }

    @Test
    void aBrokerThatIsShutDownHandsOverEverything() {
        // Given
        ClusterBroker leaving = scenario.cluster().broker(3);
        Set<Integer> led = scenario.ledBy(leaving.id());
        // When
        scenario.note("SIGTERM to " + leaving);
        scenario.ackTimes().reset();
        int exitCode = leaving.stop();
        // Then
        assertThat(exitCode).isZero();
        scenario.workload().awaitProgress();
        var gaps = led.stream().map(scenario.ackTimes()::longestGap).toList();
        System.out.println("hand-over, gap when a broker shuts down: " + Figures.of(gaps));
        assertThat(Figures.of(gaps).worst()).isLessThanOrEqualTo(LONGEST_GAP);
        leaving.start();
        scenario.awaitLeadership(leaving);
        scenario.history().assertSound("hand-over");
    }
}
