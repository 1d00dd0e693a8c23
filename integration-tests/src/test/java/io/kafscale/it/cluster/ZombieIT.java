package io.kafscale.it.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.it.broker.OnlyKafscale;
import io.kafscale.it.workload.Load;
import io.kafscale.it.workload.WorkloadPlan;
import io.kafscale.testkit.net.Direction;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A broker that stops, or loses touch with the stores, until others lead what it led, and then comes back: it acknowledges nothing
 * that is not in the log, shows what is old for 3 seconds at most, and takes its place again by itself. Each broker is asked
 * directly all the time, and the rules of the history judge what it answers.
 */
@OnlyKafscale
@Tag("cluster")
class ZombieIT {
    private static final WorkloadPlan PLAN = new WorkloadPlan(6, 1, new Load(100, 100, 1), 1, 1, false);
    /** What is seen of a broker after others took over. */
    private static final Duration AS_A_ZOMBIE = Duration.ofSeconds(5);

    private static Scenario scenario;

    private Set<Integer> led = Set.of();

    @BeforeAll
    static void start() {
        scenario = Scenario.start("zombies", 3, PLAN);
    }

    @AfterAll
    static void stop() {
        try (Scenario ending = scenario) {
            ending.settle();
        }
    }

    /** Before anything happens: nobody asks a cluster of which a part does not answer. */
    @BeforeEach
    void somethingIsLed() {
        scenario.awaitLeadership(zombie());
        led = scenario.ledBy(zombie().id());
        assertThat(led).isNotEmpty();
    }

    @Test
    void aStoppedBroker() {
        // When
        scenario.pause(zombie());
        othersTakeOver();
        scenario.resume(zombie());
        // Then
        itTakesItsPlaceAgain();
    }

    @Test
    void aBrokerWithoutMetadata() {
        // When
        scenario.note("cut " + zombie() + " off from etcd");
        zombie().metadataWay().cut();
        othersTakeOver();
        heal();
        // Then
        itTakesItsPlaceAgain();
    }

    @Test
    void aBrokerWhoseRequestsForMetadataDisappear() {
        // When
        scenario.note("hold everything between " + zombie() + " and etcd");
        zombie().metadataWay().holdAll();
        othersTakeOver();
        heal();
        // Then
        itTakesItsPlaceAgain();
    }

    @Test
    void aBrokerWithoutEitherStore() {
        // When
        scenario.note("hold everything between " + zombie() + " and both stores");
        zombie().metadataWay().holdAll();
        zombie().storeWay().holdAll();
        othersTakeOver();
        heal();
        // Then
        itTakesItsPlaceAgain();
    }

    /** It stays the leader: nobody else may judge it, and nobody could write for it. */
    @Test
    void aBrokerThatCannotWrite() {
        // When
        scenario.note("hold what the object store answers to " + zombie());
        zombie().storeWay().hold(Direction.TO_CLIENT);
        scenario.history().letPass(AS_A_ZOMBIE);
        zombie().storeWay().reset();
        heal();
        // Then
        itTakesItsPlaceAgain();
    }

    private void othersTakeOver() {
        scenario.history()
                .await(
                        "others lead " + led,
                        progress -> led.stream().noneMatch(partition -> progress.leader(partition) == zombie().id()));
        scenario.ackTimes().mark(scenario.history().now(), led);
        scenario.history()
                .await("others acknowledge in " + led, _ -> scenario.ackTimes().allAreBack());
        scenario.history().letPass(AS_A_ZOMBIE);
        scenario.history().assertSound("zombies");
    }

    private void heal() {
        scenario.note("heal " + zombie());
        zombie().metadataWay().heal();
        zombie().storeWay().heal();
    }

    private void itTakesItsPlaceAgain() {
        scenario.awaitLeadership(zombie());
        scenario.workload().awaitProgress();
        scenario.history().assertSound("zombies");
        assertThat(zombie().isAlive()).isTrue();
    }

    private static ClusterBroker zombie() {
        return scenario.cluster().broker(2);
    }
}
