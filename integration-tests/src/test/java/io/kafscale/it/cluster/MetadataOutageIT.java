package io.kafscale.it.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.it.broker.OnlyKafscale;
import io.kafscale.it.history.Progress;
import io.kafscale.it.workload.GroupReader;
import io.kafscale.it.workload.Load;
import io.kafscale.it.workload.WorkloadPlan;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** While etcd is away, produce, fetch and the heartbeats of stable groups go on; commits go on afterwards by themselves. */
@OnlyKafscale
@Tag("cluster")
class MetadataOutageIT {
    private static final WorkloadPlan PLAN = new WorkloadPlan(6, 1, new Load(100, 100, 1), 1, 2, false);
    /** Several times as long as a registration lasts. */
    private static final Duration OUTAGE = Duration.ofSeconds(Integer.getInteger("it.outage.seconds", 40));

    private static final Duration LONGEST_GAP = Duration.ofSeconds(5);

    @Test
    void clientsHardlyNotice() {
        try (var scenario = Scenario.start("metadata-outage", 3, PLAN)) {
            // Given
            List<Integer> before = assignments(scenario);
            // When
            scenario.note("kill etcd");
            scenario.cluster().etcd().kill();
            scenario.ackTimes().reset();
            long reads = scenario.history().read(Progress::reads);
            scenario.history().letPass(OUTAGE);
            // Then
            scenario.history().assertSound("metadata outage");
            for (int partition = 0; partition < PLAN.partitions(); partition++) {
                assertThat(scenario.ackTimes().longestGap(partition))
                        .as("time without an acknowledgement in partition " + partition)
                        .isBetween(Duration.ofNanos(1), LONGEST_GAP);
            }
            assertThat(scenario.history().read(Progress::reads) - reads)
                    .as("records read meanwhile")
                    .isGreaterThan(OUTAGE.toSeconds() * PLAN.load().recordsPerSecond());
            scenario.note("start etcd");
            scenario.cluster().etcd().start();
            scenario.workload().awaitProgress();
            assertThat(assignments(scenario)).as("rebalances").isEqualTo(before);
            scenario.settle();
        }
    }

    private static List<Integer> assignments(Scenario scenario) {
        return Stream.of("classic", "consumer")
                .flatMap(protocol -> scenario.workload().members(protocol).stream())
                .map(GroupReader::assignments)
                .toList();
    }
}
