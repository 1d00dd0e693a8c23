package io.kafscale.log.recover;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.log.engine.EngineWorld;
import io.kafscale.log.fixture.Batches;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.TopicRecord;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The metadata store is what it was some time ago, the bucket is of today. */
class OldMetadataTest {
    private final RecoveryScenario scenario = new RecoveryScenario();
    private final EngineWorld world = scenario.world;

    private void restore(List<KeyValue> copy) {
        world.crash();
        world.restore(copy);
    }

    @Test
    void whatCameAfterTheCopyIsThere() {
        world.start();
        TopicRecord orders = world.create("orders", 2, Map.of("retention.ms", "100000000"));
        scenario.write(RecoveryScenario.partition(orders, 0), 9);
        scenario.write(RecoveryScenario.partition(orders, 1), 1);
        List<KeyValue> copy = world.snapshot();
        scenario.write(RecoveryScenario.partition(orders, 0), 20);
        TopicRecord later = world.create("later", 2);
        scenario.write(RecoveryScenario.partition(later, 1), 2);
        world.crash();
        world.start();
        scenario.write(RecoveryScenario.partition(orders, 0), 3);
        scenario.write(RecoveryScenario.partition(orders, 1), 3);
        world.stop();
        world.start();
        scenario.write(RecoveryScenario.partition(orders, 1), 12);
        restore(copy);
        assertThat(world.refusal()).hasMessageContaining("kafscale recover");
        // When
        RecoveryPlan done = scenario.recover();
        // Then
        assertThat(done.hasDamage()).isFalse();
        assertThat(done.overEmptyMetadata()).isFalse();
        world.start();
        assertThat(world.topic("orders").configs()).containsEntry("retention.ms", "100000000");
        assertThat(world.topic("later").id()).isEqualTo(later.id());
        scenario.assertEverythingIsThere();
        world.advance(world.grace().multipliedBy(2));
        assertThat(scenario.check().findings()).isEmpty();
    }

    @Test
    void aCopyFromJustNowLosesNothingEither() {
        world.start();
        TopicRecord orders = world.create("orders", 1);
        scenario.write(RecoveryScenario.partition(orders, 0), 9);
        restore(world.snapshot());
        scenario.recover();
        world.start();
        scenario.assertEverythingIsThere();
    }

    @Test
    void aTopicWhoseSegmentsWereDeletedByRetentionKeepsItsOffsets() {
        world.start();
        PartitionId id = RecoveryScenario.partition(world.create("orders", 1), 0);
        scenario.write(id, 23);
        List<KeyValue> copy = world.snapshot();
        scenario.write(id, 20);
        long start = world.record(id).segmentEndOffset();
        world.deleteRecordsBefore(id, start);
        world.advance(world.grace().multipliedBy(2));
        var left = world.read(id);
        restore(copy);
        RecoveryPlan done = scenario.recover();
        assertThat(done.hasDamage()).isFalse();
        world.start();
        assertThat(world.read(id)).endsWith(left.toArray(Batches.Read[]::new));
        assertThat(world.produce(id, "next").baseOffset()).isEqualTo(43);
    }

    @Test
    void aTopicOfTheCopyOfWhichNothingIsThereIsKeptAndReported() {
        world.start();
        world.create("empty", 1);
        TopicRecord orders = world.create("orders", 1);
        scenario.write(RecoveryScenario.partition(orders, 0), 9);
        List<KeyValue> copy = world.snapshot();
        world.delete(orders);
        world.advance(world.grace().multipliedBy(5));
        scenario.acknowledged.clear();
        restore(copy);
        RecoveryPlan done = scenario.recover();
        assertThat(done.notes())
                .filteredOn(note -> note.text().contains("nothing of it is in the bucket"))
                .extracting(RecoveryNote::subject)
                .contains("empty");
        world.start();
        assertThat(world.hasTopic("empty")).isTrue();
        assertThat(world.hasTopic("orders")).isTrue();
        // Its offsets are not used again.
        assertThat(world.produce(RecoveryScenario.partition(orders, 0), "next").baseOffset())
                .isPositive();
    }

    @Test
    void aTopicThatWasDeletedAndCreatedAgainAfterTheCopyIsTheNewOne() {
        world.start();
        TopicRecord first = world.create("orders.eu", 1);
        scenario.write(RecoveryScenario.partition(first, 0), 12);
        List<KeyValue> copy = world.snapshot();
        world.delete(first);
        TopicRecord second = world.create("orders.eu", 1);
        scenario.acknowledged.clear();
        scenario.write(RecoveryScenario.partition(second, 0), 12);
        restore(copy);
        scenario.recover();
        world.start();
        assertThat(world.topic("orders.eu").id()).isEqualTo(second.id());
        scenario.assertEverythingIsThere();
        world.advance(world.grace().multipliedBy(3));
        assertThat(world.objects().keys("test/orders.eu/")).isEmpty();
        assertThat(scenario.check().findings()).isEmpty();
    }

    @Test
    void partitionsThatWereAddedAfterTheCopyAreThere() {
        world.start();
        TopicRecord orders = world.create("orders", 1);
        scenario.write(RecoveryScenario.partition(orders, 0), 1);
        List<KeyValue> copy = world.snapshot();
        world.await(new io.kafscale.metastore.cluster.TopicStore(world.access()).addPartitions("orders", 3));
        world.advance(Duration.ofSeconds(5));
        scenario.write(RecoveryScenario.partition(orders, 2), 2);
        restore(copy);
        RecoveryPlan done = scenario.recover();
        assertThat(done.topics().getFirst().partitions()).isEqualTo(3);
        world.start();
        scenario.assertEverythingIsThere();
    }

    @Test
    void aSecondRecoveryAfterAnotherOldCopyRaisesTheGenerationAgain() {
        world.start();
        TopicRecord orders = world.create("orders", 1);
        PartitionId id = RecoveryScenario.partition(orders, 0);
        scenario.write(id, 9);
        List<KeyValue> copy = world.snapshot();
        for (int round = 1; round <= 3; round++) {
            restore(copy);
            assertThat(scenario.recover().cluster().restoreGeneration()).isEqualTo(round);
            world.start();
            scenario.assertEverythingIsThere();
            assertThat(world.stream().brokerEpoch() >>> 48).isEqualTo(round);
            assertThat(world.record(id).leaderEpoch()).isGreaterThan(round << 16);
        }
        assertThat(world.objects().keys("test/.cluster"))
                .containsExactly("test/.cluster", "test/.cluster~1", "test/.cluster~2", "test/.cluster~3");
    }
}
