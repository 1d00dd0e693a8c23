package io.kafscale.it.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.it.broker.OnlyKafscale;
import io.kafscale.it.workload.Load;
import io.kafscale.it.workload.WorkloadPlan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Leadership that moves as planned, under load: no error reaches the application, and the gap in which nothing is acknowledged is
 * short. The gaps are printed, and beside them the longest times without an acknowledgement while nothing is moved, which are due to
 * the pace of flushes and to the machine; what is asserted holds on a busy machine, too.
 */
@OnlyKafscale
@Tag("cluster")
class HandOverIT {
    private static final int PARTITIONS = 6;
    private static final int MOVES = Integer.getInteger("handover.moves", 10);
    private static final List<String> SETTINGS = List.of("wal.flush.rate=20", "group.initial.rebalance.delay.ms=200");
    private static final WorkloadPlan PLAN = new WorkloadPlan(PARTITIONS, 1, new Load(600, 50, 1), 1, 1, true);
    /** Nobody waits for a registration to run out. */
    private static final Duration REGISTRATION = Duration.ofSeconds(10);

    private static Scenario scenario;

    @BeforeAll
    static void start() {
        scenario = Scenario.start("hand-over", ClusterUnderTest.start(3, SETTINGS), PLAN);
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
        var others = new ArrayList<Duration>();
        for (int move = 0; move < MOVES; move++) {
            int partition = move % PARTITIONS;
            gaps.add(gapOfAMove(partition));
            others.add(scenario.ackTimes().longestGap((partition + 1) % PARTITIONS));
        }
        // Then
        System.out.println("hand-over, gap of a moved partition: " + Figures.of(gaps));
        System.out.println("hand-over, gap of another partition meanwhile: " + Figures.of(others));
        assertThat(Figures.of(gaps).median()).isLessThan(REGISTRATION);
    }

    private static Duration gapOfAMove(int partition) {
        int from = scenario.leaders().getOrDefault(partition, 1);
        int to = 1 + from % 3;
        scenario.ackTimes().reset();
        scenario.reassign(partition, to);
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
        assertThat(Figures.of(gaps).median()).isLessThan(REGISTRATION);
        leaving.start();
        scenario.awaitLeadership(leaving);
        scenario.history().assertSound("hand-over");
    }
}
