package io.kafscale.log.recover;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.log.engine.EngineWorld;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.TopicRecord;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A recovery that dies at any of its writes: no broker starts, and running it again completes it. */
class InterruptedRecoveryTest {
    private static final int MOST_WRITES = 60;

    /** A world to recover, and what a producer of it may expect. */
    private static final class Ruin {
        private final RecoveryScenario scenario = new RecoveryScenario();
        private final EngineWorld world = scenario.world;
        private final PartitionId deduplicated;
        private final long producer;

        Ruin(boolean oldCopy) {
            world.start();
            TopicRecord orders = world.create("orders", 230);
            TopicRecord dotted = world.create("a.b", 1);
            deduplicated = RecoveryScenario.partition(world.create("deduplicated", 1), 0);
            producer = world.takeProducerIds(1);
            scenario.writeAs(deduplicated, producer, 0, 3, 0);
            scenario.write(RecoveryScenario.partition(orders, 0), 13);
            scenario.write(RecoveryScenario.partition(orders, 229), 1);
            List<KeyValue> copy = world.snapshot();
            scenario.write(RecoveryScenario.partition(orders, 1), 3);
            world.crash();
            world.start();
            scenario.write(RecoveryScenario.partition(orders, 1), 3);
            scenario.write(RecoveryScenario.partition(dotted, 0), 1);
            world.crash();
            if (oldCopy) {
                world.restore(copy);
            } else {
                world.loseMetadata();
            }
        }

        void assertRecovered() {
            world.start();
            scenario.writeAs(deduplicated, producer, 0, 3, 0);
            scenario.writeAs(deduplicated, producer, 3, 1, 3);
            scenario.assertEverythingIsThere();
            assertThat(scenario.check().damage()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void runningItAgainCompletesIt(boolean oldCopy) {
        int lastWrite = 0;
        for (int write = 1; write <= MOST_WRITES; write++) {
            boolean died = false;
            for (boolean applied : new boolean[] {false, true}) {
                var ruin = new Ruin(oldCopy);
                var process = new DyingStores(write, applied);
                var running = new NamespaceRecovery(ruin.scenario.context(process), _ -> {}).run(false);
                @Nullable Throwable failure = awaited(ruin, running);
                if (process.isDead()) {
                    died = true;
                    assertThat(failure)
                            .as("write %s, applied %s", write, applied)
                            .isNotNull();
                    boolean finished = applied && isFinished(ruin);
                    if (!finished) {
                        assertThat(ruin.world.refusal()).hasMessageContaining("kafscale recover");
                    }
                    ruin.scenario.recover();
                }
                ruin.assertRecovered();
            }
            if (!died) {
                lastWrite = write;
                break;
            }
        }
        assertThat(lastWrite).as("every write was the last one once").isGreaterThan(5);
    }

    private static @Nullable Throwable awaited(
            Ruin ruin, java.util.concurrent.CompletableFuture<RecoveryPlan> running) {
        var settled = running.handle((_, failure) -> java.util.Optional.ofNullable(failure));
        return ruin.world.await(settled).orElse(null);
    }

    private static boolean isFinished(Ruin ruin) {
        var cluster = ruin.world.await(new io.kafscale.metastore.cluster.ClusterStore(ruin.world.access()).get());
        return cluster.map(record -> record.value().restoreGeneration() > 0).orElse(false);
    }
}
