package io.kafscale.log.recover;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.log.fixture.Batches;
import io.kafscale.metastore.cluster.ClusterRecord;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.TopicRecord;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The metadata store is empty, the bucket is there. */
class LostMetadataTest {
    private final RecoveryScenario scenario = new RecoveryScenario();
    private final io.kafscale.log.engine.EngineWorld world = scenario.world;

    @Test
    void everyAcknowledgedRecordIsServedAgain() {
        world.start();
        TopicRecord orders = world.create("orders", 3);
        TopicRecord small = world.create("small.topic_1", 1, Map.of("retention.ms", "1000000"));
        scenario.write(RecoveryScenario.partition(orders, 0), 23);
        scenario.write(RecoveryScenario.partition(orders, 2), 2);
        scenario.write(RecoveryScenario.partition(small, 0), 1);
        world.crash();
        world.start();
        scenario.write(RecoveryScenario.partition(orders, 0), 4);
        world.stop();
        world.start();
        scenario.write(RecoveryScenario.partition(orders, 1), 8);
        int epochBefore = world.record(RecoveryScenario.partition(orders, 0)).leaderEpoch();
        world.crash();
        world.loseMetadata();
        assertThat(world.refusal()).hasMessageContaining("kafscale recover");
        // When
        RecoveryPlan done = scenario.recover();
        // Then
        assertThat(done.hasDamage()).isFalse();
        assertThat(done.overEmptyMetadata()).isTrue();
        assertThat(done.notes())
                .extracting(RecoveryNote::subject)
                .contains("orders", "small.topic_1", "consumer groups");
        world.start();
        assertThat(world.topic("orders").id()).isEqualTo(orders.id());
        assertThat(world.topic("orders").partitions()).isEqualTo(3);
        assertThat(world.topic("small.topic_1").id()).isEqualTo(small.id());
        assertThat(world.topic("small.topic_1").configs()).isEmpty();
        scenario.assertEverythingIsThere();
        assertThat(world.record(RecoveryScenario.partition(orders, 0)).leaderEpoch())
                .isGreaterThan(epochBefore);
        world.advance(world.grace().multipliedBy(2));
        assertThat(scenario.check().findings()).isEmpty();
    }

    @Test
    void noNumberIsGivenOutTwice() {
        world.start();
        TopicRecord orders = world.create("orders", 1);
        long producerId = world.takeProducerIds(10);
        var firstStream = world.stream();
        scenario.write(RecoveryScenario.partition(orders, 0), 1);
        world.crash();
        world.loseMetadata();
        scenario.recover();
        world.start();
        long from = new ClusterRecord("x", 1, 0).numbersFrom();
        assertThat(world.stream().brokerEpoch()).isGreaterThan(from).isNotEqualTo(firstStream.brokerEpoch());
        assertThat(world.takeProducerIds(10)).isGreaterThan(from).isNotEqualTo(producerId);
        assertThat(world.create("new", 1).directory()).isEqualTo("new~1001");
    }

    @Test
    void idempotentProducersGoOnAndNewOnesAreNotTakenForThem() {
        world.start();
        PartitionId id = RecoveryScenario.partition(world.create("orders", 1), 0);
        long producer = world.takeProducerIds(1);
        scenario.writeAs(id, producer, 0, 3, 0);
        scenario.writeAs(id, producer, 3, 2, 3);
        world.crash();
        world.loseMetadata();
        scenario.recover();
        world.start();
        // Then
        scenario.writeAs(id, producer, 3, 2, 3);
        scenario.writeAs(id, producer, 5, 1, 5);
        long other = world.takeProducerIds(1);
        assertThat(other).isNotEqualTo(producer);
        scenario.writeAs(id, other, 0, 1, 6);
        assertThat(world.failure(world.append(id, Batches.by(producer, 0, 9, 1))))
                .hasMessageContaining("sequence");
        assertThat(world.values(id)).hasSize(7);
    }

    @Test
    void producersWhoseBatchesAreInSegmentsAreRemembered() {
        world.settings(1024, Duration.ofSeconds(1));
        world.start();
        PartitionId id = RecoveryScenario.partition(world.create("orders", 1), 0);
        long producer = world.takeProducerIds(1);
        scenario.writeAs(id, producer, 0, 3, 0);
        world.advance(Duration.ofSeconds(10));
        assertThat(world.record(id).segmentEndOffset()).isEqualTo(3);
        world.crash();
        world.loseMetadata();
        scenario.recover();
        world.start();
        scenario.writeAs(id, producer, 0, 3, 0);
        scenario.writeAs(id, producer, 3, 1, 3);
        assertThat(world.values(id)).hasSize(4);
    }

    @Test
    void aTopicCreatedAgainIsToldFromTheOneBefore() {
        world.start();
        TopicRecord first = world.create("orders", 1);
        scenario.write(RecoveryScenario.partition(first, 0), 12);
        world.delete(first);
        TopicRecord second = world.create("orders", 1);
        scenario.acknowledged.clear();
        scenario.write(RecoveryScenario.partition(second, 0), 12);
        assertThat(world.objects().keys("test/orders/")).isNotEmpty();
        world.crash();
        world.loseMetadata();
        // When
        scenario.recover();
        // Then
        world.start();
        assertThat(world.topic("orders")).satisfies(topic -> {
            assertThat(topic.id()).isEqualTo(second.id());
            assertThat(topic.directory()).isEqualTo("orders~2");
        });
        scenario.assertEverythingIsThere();
        world.advance(world.grace().multipliedBy(3));
        assertThat(world.objects().keys("test/orders/")).isEmpty();
        assertThat(scenario.check().findings()).isEmpty();
    }

    @Test
    void aTopicCreatedAgainWithoutASegmentYetGetsADirectoryThatNobodyHad() {
        world.start();
        TopicRecord first = world.create("orders", 1);
        scenario.write(RecoveryScenario.partition(first, 0), 12);
        world.delete(first);
        TopicRecord second = world.create("orders", 1);
        scenario.acknowledged.clear();
        scenario.write(RecoveryScenario.partition(second, 0), 1);
        world.crash();
        world.loseMetadata();
        scenario.recover();
        world.start();
        assertThat(world.topic("orders").id()).isEqualTo(second.id());
        assertThat(world.topic("orders").directory()).isEqualTo("orders~1001");
        scenario.assertEverythingIsThere();
    }

    @Test
    void ofTwoTopicsThatOnlyStreamsKnowTheLaterOneIsThere() {
        for (int round = 0; round < 5; round++) {
            var once = new RecoveryScenario();
            once.world.start();
            TopicRecord first = once.world.create("orders", 1);
            once.write(RecoveryScenario.partition(first, 0), 2);
            once.world.delete(first);
            once.world.advance(once.world.grace().multipliedBy(round));
            TopicRecord second = once.world.create("orders", 1);
            once.acknowledged.clear();
            once.write(RecoveryScenario.partition(second, 0), 1);
            once.world.crash();
            once.world.loseMetadata();
            once.recover();
            once.world.start();
            assertThat(once.world.topic("orders").id()).isEqualTo(second.id());
            once.assertEverythingIsThere();
        }
    }

    @Test
    void streamsThatWereCollectedOrAreBeingCollectedAreNoDamage() {
        world.settings(1024, Duration.ofSeconds(1));
        world.start();
        TopicRecord orders = world.create("orders", 1);
        scenario.write(RecoveryScenario.partition(orders, 0), 5);
        var first = world.stream();
        world.advance(Duration.ofSeconds(10));
        world.crash();
        world.start();
        scenario.write(RecoveryScenario.partition(orders, 0), 5);
        var second = world.stream();
        world.advance(Duration.ofSeconds(10));
        world.crash();
        world.start();
        world.advance(world.grace().multipliedBy(2));
        assertThat(world.objects().keys(world.layout().walPrefix(first))).hasSize(1);
        scenario.write(RecoveryScenario.partition(orders, 0), 5);
        var third = world.stream();
        world.stop();
        // The stream that ended last is deleted from its front, and the broker that does so dies.
        world.objects()
                .keys(world.layout().walPrefix(second))
                .subList(
                        0,
                        world.objects().keys(world.layout().walPrefix(second)).size() > 1 ? 1 : 0)
                .forEach(world.objects()::remove);
        assertThat(third).isNotEqualTo(second);
        world.loseMetadata();
        RecoveryPlan plan = scenario.recover();
        assertThat(plan.hasDamage()).isFalse();
        world.start();
        scenario.assertEverythingIsThere();
    }

    @Test
    void aLogThatStartsLaterKeepsItsOffsets() {
        world.start();
        TopicRecord orders = world.create("orders", 1);
        PartitionId id = RecoveryScenario.partition(orders, 0);
        scenario.write(id, 23);
        long end = world.record(id).segmentEndOffset();
        world.deleteRecordsBefore(id, end);
        world.advance(world.grace().multipliedBy(2));
        assertThat(world.objects().keys("test/orders/")).isEmpty();
        var left = world.read(id);
        world.crash();
        world.loseMetadata();
        scenario.recover();
        world.start();
        // What the WAL still has from below the log start, which only the metadata knew, is back.
        assertThat(world.read(id)).endsWith(left.toArray(Batches.Read[]::new));
        assertThat(world.produce(id, "next").baseOffset()).isEqualTo(23);
    }

    @Test
    void aPlanChangesNothing() {
        world.start();
        scenario.write(RecoveryScenario.partition(world.create("orders", 1), 0), 7);
        world.crash();
        world.loseMetadata();
        var keys = world.objects().keys("");
        RecoveryPlan plan = scenario.plan();
        assertThat(plan.topics()).hasSize(1);
        assertThat(plan.partitions().getFirst().segmentEndOffset()).isPositive();
        assertThat(world.objects().keys("")).isEqualTo(keys);
        assertThat(world.snapshot()).isEmpty();
    }

    @Test
    void aRegisteredBrokerIsARefusal() {
        world.start();
        world.create("orders", 1);
        var keys = world.objects().keys("");
        assertThat(world.failure(new NamespaceRecovery(scenario.context(), _ -> {}).run(true)))
                .isInstanceOf(RecoveryException.class)
                .hasMessageContaining("stop every broker");
        assertThat(world.objects().keys("")).isEqualTo(keys);
    }

    @Test
    void aBucketOfAnotherClusterIsARefusal() {
        world.start();
        world.crash();
        world.objects()
                .overwrite(
                        "test/.cluster",
                        "kafscale-cluster 1\ncluster-id another\nrestore-generation 0\n"
                                .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        assertThat(world.failure(new NamespaceRecovery(scenario.context(), _ -> {}).run(true)))
                .isInstanceOf(RecoveryException.class)
                .hasMessageContaining("another");
    }
}
