package io.kafscale.it.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.it.broker.OnlyKafscale;
import io.kafscale.it.history.Progress;
import io.kafscale.it.workload.Load;
import io.kafscale.it.workload.NumberedProducer;
import io.kafscale.it.workload.WorkloadPlan;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * From one broker to three and back under load. What one broker can carry is bounded by its buffer and by a slow object store, not
 * by the machine, so that the throughput must follow the number of brokers on any machine.
 */
@OnlyKafscale
@Tag("cluster")
class ScaleIT {
    private static final List<String> NARROW = List.of("wal.flush.bytes=64KiB", "wal.buffer.bytes=256KiB");
    private static final Duration PUT_DELAY = Duration.ofMillis(60);
    private static final WorkloadPlan PLAN = WorkloadPlan.records(12, 50, 1);
    private static final Load MORE_THAN_THREE_CARRY = new Load(2_000, 16_000, 2);
    private static final Duration MEASURED = Duration.ofSeconds(6);
    private static final double FOLLOWS = 1.5;
    private static final double NOT_COPIED = 1.3;

    @Test
    void throughputFollowsAndNothingIsCopied() {
        ClusterUnderTest cluster = ClusterUnderTest.start(1, NARROW);
        cluster.broker(1).storeWay().delay(PUT_DELAY);
        try (var scenario = Scenario.start("scale", cluster, PLAN)) {
            NumberedProducer producer = scenario.workload().startProducer("heavy", MORE_THAN_THREE_CARRY, Map.of());
            // When
            double alone = recordsPerSecond(scenario);
            join(scenario, 2);
            join(scenario, 3);
            double three = recordsPerSecond(scenario);
            leave(scenario, 3);
            leave(scenario, 2);
            double aloneAgain = recordsPerSecond(scenario);
            producer.stopSending();
            scenario.settle();
            // Then
            System.out.printf(
                    "scale: %.0f records/s with one broker, %.0f with three, %.0f with one again%n",
                    alone, three, aloneAgain);
            assertThat(three).isGreaterThan(FOLLOWS * alone).isGreaterThan(FOLLOWS * aloneAgain);
            assertThat(cluster.storedBytes())
                    .isBetween(1L, (long) (NOT_COPIED * scenario.workload().ackedBytes()));
        }
    }

    private static double recordsPerSecond(Scenario scenario) {
        long before = scenario.history().read(Progress::acked);
        long start = scenario.history().now();
        scenario.history().letPass(MEASURED);
        long acked = scenario.history().read(Progress::acked) - before;
        return acked / (Duration.ofNanos(scenario.history().now() - start).toMillis() / 1_000.0);
    }

    private static void join(Scenario scenario, int id) {
        ClusterBroker broker = scenario.cluster().add(id);
        broker.storeWay().delay(PUT_DELAY);
        scenario.note("start " + broker);
        broker.start();
        scenario.workload().probe(id, broker.port());
        scenario.awaitLeadership(broker);
        scenario.history().assertSound("scale");
    }

    private static void leave(Scenario scenario, int id) {
        ClusterBroker broker = scenario.cluster().broker(id);
        scenario.note("SIGTERM to " + broker);
        assertThat(broker.stop()).as("exit code of " + broker).isZero();
        Set<Integer> leaders = new TreeSet<>(scenario.leaders().values());
        assertThat(leaders).doesNotContain(id);
        scenario.history().assertSound("scale");
    }
}
