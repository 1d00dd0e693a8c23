package io.kafscale.log.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.log.engine.EngineWorld;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A repair mends indexes and deletes what facts allow, and nothing else. */
class NamespaceRepairTest {
    private final CheckScenario scenario = new CheckScenario();
    private final EngineWorld world = scenario.world;

    private RepairReport repair() {
        return repair(scenario.checkDeeply());
    }

    private RepairReport repair(CheckReport report) {
        var settings = CheckSettings.defaults(world.grace(), CheckScenario.SHARDS);
        return world.await(new NamespaceRepair(scenario.context(), settings).run(report));
    }

    @Test
    void indexesAreRebuilt() {
        List<Long> segments = scenario.segments();
        world.objects().remove(scenario.indexKey(segments.get(0)));
        scenario.flip(scenario.indexKey(segments.get(1)), 60);
        world.advance(world.grace().plusSeconds(1));
        // When
        RepairReport done = repair();
        // Then
        assertThat(done.indexes())
                .containsExactlyInAnyOrder(scenario.indexKey(segments.get(0)), scenario.indexKey(segments.get(1)));
        assertThat(done.deletedObjects()).isZero();
        assertThat(scenario.checkDeeply().findings()).isEmpty();
    }

    @Test
    void anIndexOfADamagedSegmentIsLeft() {
        String index = scenario.indexKey(scenario.segments().getFirst());
        scenario.flip(scenario.segmentKey(scenario.segments().getFirst()), 120);
        scenario.flip(index, 60);
        RepairReport done = repair(scenario.check());
        assertThat(done.indexes()).isEmpty();
        assertThat(done.left()).hasSize(1).first().asString().contains("does not match its checksum");
    }

    @Test
    void whatNobodyNeedsIsDeletedAndTheRestStays() {
        var first = world.stream();
        world.crash();
        world.settings(1024, Duration.ofSeconds(1));
        world.start();
        world.advance(Duration.ofSeconds(20));
        long end = world.record(scenario.orders0).segmentEndOffset();
        world.deleteRecordsBefore(scenario.orders0, end - 2);
        var gone = world.create("gone", 1);
        world.fill(EngineWorld.partition(gone, 0), 0, 12);
        world.delete(gone);
        world.stop();
        world.advance(world.grace());
        // When
        RepairReport done = repair();
        // Then
        assertThat(done.deletedObjects()).isPositive();
        assertThat(world.objects().keys(world.layout().walPrefix(first))).hasSize(1);
        assertThat(world.objects().keys("test/gone/")).isEmpty();
        assertThat(scenario.segments())
                .isNotEmpty()
                .first()
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LONG)
                .isPositive();
        assertThat(scenario.checkDeeply().damage()).isZero();
        world.start();
        assertThat(world.read(scenario.orders0)).hasSize(2);
    }

    @Test
    void whatLooksLikeItIsLeft() {
        world.objects().overwrite("test/orders~2/0/segment-00000000000000000000.kfs", new byte[40]);
        world.objects().overwrite("test/notes.txt", new byte[40]);
        world.advance(world.grace().multipliedBy(2));
        var keys = world.objects().keys("");
        RepairReport done = repair();
        assertThat(done.deletedObjects()).isZero();
        assertThat(world.objects().keys("")).isEqualTo(keys);
    }
}
