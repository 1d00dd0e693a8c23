package io.kafscale.log.recover;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.log.engine.EngineWorld;
import io.kafscale.log.fixture.Batches;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.TopicRecord;
import org.junit.jupiter.api.Test;

/** Acknowledged objects are missing: nothing goes on as if they had never been. */
class DamagedRecoveryTest {
    private final RecoveryScenario scenario = new RecoveryScenario();
    private final EngineWorld world = scenario.world;

    @Test
    void aMissingWalObjectIsARefusalAndClosesWhatNeedsItOnly() {
        world.start();
        TopicRecord orders = world.create("orders", 2);
        PartitionId broken = RecoveryScenario.partition(orders, 0);
        for (int i = 0; i < 3; i++) {
            world.produce(broken, "lost");
        }
        var keys = world.objects().keys(world.layout().walPrefix(world.stream()));
        world.crash();
        world.start();
        scenario.write(RecoveryScenario.partition(orders, 1), 5);
        world.crash();
        String key = keys.get(2);
        byte[] bytes = world.objects().bytes(key);
        world.objects().remove(key);
        world.loseMetadata();
        var before = world.objects().keys("");
        assertThat(world.failure(new NamespaceRecovery(scenario.context(), _ -> {}).run(false)))
                .isInstanceOf(RecoveryException.class)
                .hasMessageContaining("--despite-damage");
        assertThat(world.objects().keys("")).isEqualTo(before);
        // When
        RecoveryPlan done = scenario.recover(true);
        // Then
        assertThat(done.hasDamage()).isTrue();
        world.start();
        scenario.assertEverythingIsThere();
        assertThat(world.failure(world.append(broken, Batches.of(1, "x")))).hasMessageContaining(key);
        // The object turns up again.
        world.crash();
        world.objects().overwrite(key, bytes);
        scenario.recover();
        world.start();
        assertThat(world.values(broken)).containsExactly("lost", "lost", "lost");
    }

    @Test
    void aSegmentThatIsMissingIsReportedAndTheRestIsServed() {
        world.start();
        PartitionId id = RecoveryScenario.partition(world.create("orders", 1), 0);
        scenario.write(id, 23);
        var segments = world.objects().keys("test/orders/0/").stream()
                .filter(key -> key.endsWith(".kfs"))
                .toList();
        world.crash();
        world.objects().remove(segments.get(1));
        world.loseMetadata();
        RecoveryPlan plan = scenario.plan();
        assertThat(plan.hasDamage() || plan.partitions().getFirst().segmentEndOffset() < 23)
                .isTrue();
        scenario.recover(true);
        world.start();
        assertThat(world.produce(id, "next").baseOffset()).isEqualTo(23);
    }
}
