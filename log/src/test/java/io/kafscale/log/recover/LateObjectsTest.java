package io.kafscale.log.recover;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.format.StreamId;
import io.kafscale.log.check.Finding;
import io.kafscale.log.engine.EngineWorld;
import io.kafscale.log.fixture.Batches;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.objectstore.StorageException.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A request that a broker sent long ago arrives when its stream has been sealed, or deleted but for the seal. */
class LateObjectsTest {
    private final RecoveryScenario scenario = new RecoveryScenario();
    private final EngineWorld world = scenario.world;
    private PartitionId id;
    private StreamId stream;
    private String late;
    private byte[] bytes;
    private List<KeyValue> sealed;

    /** A stream whose writer died with an object on its way; sealed, then collected. */
    @BeforeEach
    void aStreamThatWasCollected() {
        world.start();
        id = RecoveryScenario.partition(world.create("orders", 1), 0);
        scenario.write(id, 7);
        stream = world.stream();
        late = world.layout().walKey(stream, 2);
        bytes = world.objects().bytes(late);
        world.crash();
        world.start();
        sealed = world.snapshot();
        world.advance(Duration.ofHours(1));
        assertThat(keys()).hasSize(1);
    }

    private List<String> keys() {
        return world.objects().keys(world.layout().walPrefix(stream));
    }

    private void recoverWithoutDamage() {
        RecoveryPlan done = scenario.recover();
        assertThat(done.hasDamage()).isFalse();
        world.start();
        scenario.assertEverythingIsThere();
    }

    @Test
    void anObjectThatComesBackIsNoDamageWhereTheMetadataKnowThatItsStreamWasCollected() {
        List<KeyValue> copy = world.snapshot();
        world.objects().overwrite(late, bytes);
        world.crash();
        world.restore(copy);
        recoverWithoutDamage();
    }

    @Test
    void norWhereTheMetadataKnowOnlyThatItWasSealed() {
        world.objects().overwrite(late, bytes);
        world.crash();
        world.restore(sealed);
        recoverWithoutDamage();
    }

    @Test
    void norWhereThereIsNoMetadata() {
        world.objects().overwrite(late, bytes);
        world.crash();
        world.loseMetadata();
        recoverWithoutDamage();
    }

    @Test
    void anObjectThatCameBackIsLeftOverForWhoChecksAndRepairs() {
        world.objects().overwrite(late, bytes);
        world.advance(world.grace().multipliedBy(2));
        assertThat(scenario.check().findings())
                .extracting(Finding::kind, Finding::severity)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(Finding.Kind.ORPHAN_STREAM, Finding.Severity.WARNING));
        assertThat(world.await(scenario.repair()).deletedObjects()).isEqualTo(1);
        assertThat(keys()).hasSize(1);
        assertThat(scenario.check().findings()).isEmpty();
    }

    @Test
    void whatLandedBehindTheSealIsIgnored() {
        // Given a broker that dies when the later of two objects in flight has landed
        StreamId second = world.stream();
        long next = world.objects().keys(world.layout().walPrefix(second)).stream()
                        .mapToLong(key ->
                                world.layout().parseWalKey(key).orElseThrow().sequence())
                        .max()
                        .orElseThrow()
                + 1;
        String missing = world.layout().walKey(second, next);
        world.objects()
                .fail(request -> request.key().equals(missing) ? Optional.of(Kind.UNAVAILABLE) : Optional.empty());
        world.objects().latency(Duration.ofMillis(100));
        world.append(id, Batches.of(1, "never acknowledged"));
        world.advance(Duration.ofMillis(30));
        world.append(id, Batches.of(1, "nor this"));
        world.advance(Duration.ofMillis(300));
        assertThat(world.objects().keys(world.layout().walPrefix(second)))
                .contains(world.layout().walKey(second, next + 1));
        byte[] behind = world.objects().bytes(world.layout().walKey(second, next + 1));
        world.crash();
        world.objects().heal();
        world.objects().latency(Duration.ofMillis(10));
        world.start();
        // When its stream is deleted, and the object behind the seal comes back
        world.advance(Duration.ofHours(1));
        world.objects().overwrite(world.layout().walKey(second, next + 1), behind);
        world.crash();
        world.loseMetadata();
        recoverWithoutDamage();
    }
}
