package io.kafscale.log.check;

import static io.kafscale.log.check.CheckScenario.damage;
import static io.kafscale.log.check.CheckScenario.only;
import static io.kafscale.log.check.CheckScenario.warnings;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.log.check.Finding.Kind;
import io.kafscale.log.engine.EngineWorld;
import io.kafscale.log.fixture.Batches;
import org.junit.jupiter.api.Test;

/** Records in the metadata store that contradict each other, the bucket, or reason. */
class InconsistentMetadataTest {
    private final CheckScenario scenario = new CheckScenario();
    private final EngineWorld world = scenario.world;

    private void replace(String key, String from, String to) {
        String value = world.metadata(key);
        assertThat(value).contains(from);
        world.putMetadata(key, value.replace(from, to));
    }

    @Test
    void aTenureThatNamesAnUnknownStreamIsDamage() {
        world.crash();
        replace(world.keys().partition(scenario.orders0), "\"1-1\"", "\"1-99\"");
        assertThat(damage(scenario.check())).containsExactly(Kind.UNREADABLE_OBJECT, Kind.METADATA_INCONSISTENT);
    }

    @Test
    void aTenureOfACollectedStreamIsDamage() {
        world.stop();
        String key = "/kafscale/test/image/streams/1-1";
        world.putMetadata(key, world.metadata(key).replace("sealed", "collected"));
        CheckReport report = scenario.check();
        assertThat(damage(report)).containsExactly(Kind.METADATA_INCONSISTENT);
    }

    @Test
    void anUnreadableRecordIsDamage() {
        world.crash();
        world.putMetadata(world.keys().partition(scenario.orders0), "{\"v\":1}");
        CheckReport report = scenario.check();
        assertThat(damage(report)).contains(Kind.METADATA_UNREADABLE);
        assertThat(only(report, Kind.METADATA_UNREADABLE).key())
                .isEqualTo(world.keys().partition(scenario.orders0));
    }

    @Test
    void aGroupKeyThatCannotBeReadIsDamage() {
        world.putMetadata("/kafscale/test/groups/1/r/bad", "x");
        assertThat(only(scenario.check(), Kind.METADATA_UNREADABLE).key()).isEqualTo("/kafscale/test/groups/1/r/bad");
    }

    @Test
    void aTombstoneOfWhichNothingIsLeftIsAWarning() {
        world.crash();
        world.putMetadata(
                "/kafscale/test/image/deleted-topics/0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9",
                "{\"v\":1,\"name\":\"gone\",\"directory\":\"gone\",\"partitions\":1,\"deletedMs\":1}");
        CheckReport report = scenario.check();
        assertThat(report.damage()).isZero();
        assertThat(warnings(report)).contains(Kind.METADATA_INCONSISTENT);
    }

    @Test
    void partitionsOfNoTopicAreDamage() {
        world.crash();
        world.deleteMetadata(world.keys().topic("orders"));
        CheckReport report = scenario.check();
        assertThat(damage(report)).contains(Kind.METADATA_INCONSISTENT);
        // The counter of the name says that there was a topic: its objects are not of unknown origin.
        assertThat(only(report, Kind.UNKNOWN_TOPIC).what()).contains("orders");
    }

    @Test
    void aCounterOfEpochsThatWentBackIsDamage() {
        world.crash();
        world.start();
        replace(world.keys().brokerEpochCounter(), "\"last\":2", "\"last\":1");
        assertThat(damage(scenario.check())).containsExactly(Kind.COUNTER_BEHIND);
    }

    @Test
    void aStreamThatWasForgottenUnderAnEpochThatIsStillToComeIsDamage() {
        world.putMetadata(world.keys().forgottenStreams(), "{\"v\":1,\"last\":4711,\"by\":\"x\"}");
        assertThat(only(scenario.check(), Kind.COUNTER_BEHIND).what()).contains("4711");
    }

    @Test
    void aCounterOfTopicsThatWentBackIsDamage() {
        replace(world.keys().topicGeneration("orders"), "\"last\":1", "\"last\":0");
        assertThat(damage(scenario.check())).containsExactly(Kind.COUNTER_BEHIND);
    }

    @Test
    void aProducerIdThatWasNotGivenOutIsDamage() {
        world.await(world.append(scenario.orders1, Batches.by(4711, 0, 0, 1)));
        assertThat(only(scenario.check(), Kind.COUNTER_BEHIND).what()).contains("4711");
        world.takeProducerIds(5000);
        assertThat(scenario.check().findings()).isEmpty();
    }

    @Test
    void metadataOfAnotherClusterIsDamage() {
        replace(world.keys().cluster(), "\"restoreGeneration\":0", "\"restoreGeneration\":1");
        assertThat(damage(scenario.check())).contains(Kind.CLUSTER_IDENTITY);
    }

    @Test
    void emptyMetadataOverABucketInUseIsDamage() {
        world.crash();
        world.loseMetadata();
        assertThat(damage(scenario.check())).contains(Kind.CLUSTER_IDENTITY, Kind.UNKNOWN_TOPIC, Kind.COUNTER_BEHIND);
    }

    @Test
    void metadataFromAnOldCopyIsDamage() {
        var copy = world.snapshot();
        world.fill(scenario.orders0, 17, 40);
        world.crash();
        world.start();
        world.crash();
        world.restore(copy);
        CheckReport report = scenario.check();
        assertThat(damage(report)).contains(Kind.COUNTER_BEHIND);
        assertThat(report.findings())
                .anySatisfy(found -> assertThat(found.remedy()).contains("kafscale recover"));
    }
}
