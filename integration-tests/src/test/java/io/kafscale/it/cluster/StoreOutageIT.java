package io.kafscale.it.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.it.broker.OnlyKafscale;
import io.kafscale.it.history.Progress;
import io.kafscale.it.workload.Load;
import io.kafscale.it.workload.WorkloadPlan;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** While the object store is away nothing is acknowledged; afterwards all goes on, in the same processes, and nothing is lost. */
@OnlyKafscale
@Tag("cluster")
class StoreOutageIT {
    private static final WorkloadPlan PLAN = new WorkloadPlan(6, 2, new Load(100, 400, 1), 1, 1, true);
    private static final Duration OUTAGE = Duration.ofSeconds(12);

    private static Scenario scenario;

    @BeforeAll
    static void start() {
        scenario = Scenario.start("store-outage", 3, PLAN);
    }

    @AfterAll
    static void stop() {
        try (Scenario ending = scenario) {
            ending.settle();
        }
    }

    @Test
    void aStoreThatIsKilledAndComesBack() throws IOException {
        // When
        scenario.note("kill the S3 server");
        scenario.cluster().store().kill();
        scenario.history().letPass(OUTAGE);
        long acked = scenario.history().read(Progress::acked);
        scenario.note("start the S3 server");
        scenario.cluster().store().start();
        // Then
        goesOn(acked);
    }

    @Test
    void aStoreThatDoesNotAnswer() {
        // When
        scenario.note("stop the S3 server");
        scenario.cluster().store().pause();
        scenario.history().letPass(OUTAGE);
        long acked = scenario.history().read(Progress::acked);
        scenario.note("continue the S3 server");
        scenario.cluster().store().resume();
        // Then
        goesOn(acked);
    }

    private static void goesOn(long acked) {
        scenario.history().await("records are acknowledged again", progress -> progress.acked() > acked);
        scenario.workload().awaitProgress();
        scenario.history().assertSound("store outage");
        assertThat(scenario.cluster().brokers()).allMatch(ClusterBroker::isAlive);
    }
}
