package io.kafscale.it.cluster;

import io.kafscale.it.history.History;
import io.kafscale.it.history.Rules;
import io.kafscale.it.process.Directories;
import io.kafscale.it.workload.Workload;
import io.kafscale.it.workload.WorkloadPlan;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("cluster")
class SmokeIT {
    @Test
    void oneBroker() {
        try (var cluster = ClusterUnderTest.start(1);
                var history =
                        new History(Directories.logs().resolve("smoke.history"), Rules.all(Duration.ofSeconds(3)))) {
            try (var workload = Workload.start(
                    cluster.bootstrapServers(),
                    new WorkloadPlan(8, 3, new io.kafscale.it.workload.Load(50, 500, 1), 1, 0, true),
                    history)) {
                workload.probe(1, cluster.broker(1).port());
                workload.awaitProgress();
                history.add(new io.kafscale.it.history.Event.Fault("kill"));
                cluster.broker(1).kill();
                cluster.broker(1).start();
                workload.awaitProgress();
                workload.settle("seed 1");
                System.out.println(history);
            }
        }
    }
}
