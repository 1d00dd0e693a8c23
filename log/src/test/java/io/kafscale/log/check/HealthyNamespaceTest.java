package io.kafscale.log.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.log.engine.EngineWorld;
import io.kafscale.log.fixture.Batches;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.TopicRecord;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What brokers do in good order is never reported, also while they do it. */
class HealthyNamespaceTest {
    private final CheckScenario scenario = new CheckScenario();
    private final EngineWorld world = scenario.world;

    @Test
    void aRunningClusterHasNoFindings() {
        // When
        CheckReport report = scenario.checkDeeply();
        // Then
        assertThat(report.findings()).isEmpty();
        assertThat(report.segments()).isEqualTo(scenario.segments().size()).isGreaterThan(2);
        assertThat(report.partitions()).isEqualTo(2);
        assertThat(report.streams()).isEqualTo(1);
        assertThat(report.objects()).isEqualTo(world.objects().keys("test/").size());
    }

    @Test
    void aClusterAfterCrashesAndCleanShutdownsHasNoFindings() {
        for (int round = 0; round < 3; round++) {
            world.crash();
            world.start();
            world.fill(scenario.orders0, 0, 7);
            world.stop();
            world.start();
            world.produce(scenario.orders1, "c");
        }
        world.advance(world.grace().multipliedBy(2));
        // When
        CheckReport report = scenario.checkDeeply();
        // Then
        assertThat(report.findings()).isEmpty();
        assertThat(report.streams()).isEqualTo(7);
    }

    @Test
    void aStoppedClusterHasNoDamage() {
        world.stop();
        // When
        CheckReport report = scenario.checkDeeply();
        // Then
        assertThat(CheckScenario.damage(report)).isEmpty();
    }

    @Test
    void whatBrokersDoMeanwhileIsNotReported() {
        world.objects().latency(Duration.ofMillis(80));
        for (int round = 0; round < 12; round++) {
            var check = scenario.checking(round % 2 == 0);
            TopicRecord passing = world.create("passing-" + round, 1);
            for (int i = 0; !check.isDone(); i++) {
                PartitionId id = EngineWorld.partition(passing, 0);
                world.append(scenario.orders0, Batches.of(1, i + "-" + "y".repeat(400)));
                world.append(id, Batches.of(1, i + "-" + "z".repeat(400)));
                world.advance(Duration.ofMillis(50));
                if (i == 10) {
                    world.deleteRecordsBefore(
                            scenario.orders0, world.record(scenario.orders0).segmentEndOffset());
                }
                if (i == 15) {
                    world.delete(passing);
                }
                if (i == 20) {
                    world.crash();
                    world.start();
                }
            }
            assertThat(CheckScenario.damage(world.await(check)))
                    .as("round " + round + ": " + world.await(check).findings())
                    .isEmpty();
            world.advance(world.grace());
        }
        world.advance(world.grace().multipliedBy(2));
        // A leader that died before it deleted what was below the log start leaves it to the next retention.
        assertThat(scenario.checkDeeply().findings())
                .allSatisfy(found -> assertThat(found.kind()).isEqualTo(Finding.Kind.BELOW_LOG_START));
    }
}
