package io.kafscale.log.recover;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.log.check.CheckContext;
import io.kafscale.log.check.CheckProgress;
import io.kafscale.log.check.CheckReport;
import io.kafscale.log.check.CheckSettings;
import io.kafscale.log.check.NamespaceCheck;
import io.kafscale.log.check.NamespaceRepair;
import io.kafscale.log.check.RepairReport;
import io.kafscale.log.engine.EngineWorld;
import io.kafscale.log.fixture.Batches;
import io.kafscale.metastore.cluster.MetadataAccess;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.TopicRecord;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A world with some history, what was acknowledged in it, and its recovery. */
class RecoveryScenario {
    final EngineWorld world = new EngineWorld();
    final Map<PartitionId, List<String>> acknowledged = new LinkedHashMap<>();

    void write(PartitionId id, int count) {
        List<String> values = acknowledged.computeIfAbsent(id, _ -> new ArrayList<>());
        for (int i = 0; i < count; i++) {
            String value = values.size() + "-" + "x".repeat(150);
            assertThat(world.produce(id, value).baseOffset()).isEqualTo(values.size());
            values.add(value);
        }
    }

    /** Appends a batch of an idempotent producer, and expects it at this offset. */
    void writeAs(PartitionId id, long producer, int firstSequence, int records, long offset) {
        long baseOffset = world.await(world.append(id, Batches.by(producer, 0, firstSequence, records)))
                .baseOffset();
        assertThat(baseOffset).isEqualTo(offset);
    }

    RecoveryContext context() {
        return new RecoveryContext(world.objects(), world.layout(), world.access(), world.logSettings());
    }

    RecoveryContext context(DyingStores process) {
        MetadataAccess access = world.access();
        return new RecoveryContext(
                process.over(world.objects()),
                world.layout(),
                new MetadataAccess(process.over(access.store()), access.keys(), access.loop(), access.random()),
                world.logSettings());
    }

    RecoveryPlan plan() {
        return world.await(new NamespaceRecovery(context(), _ -> {}).plan());
    }

    RecoveryPlan recover() {
        return recover(false);
    }

    RecoveryPlan recover(boolean despiteDamage) {
        return world.await(new NamespaceRecovery(context(), _ -> {}).run(despiteDamage));
    }

    CheckReport check() {
        var context = new CheckContext(world.objects(), world.layout(), world.access(), _ -> Optional.empty());
        var settings = CheckSettings.defaults(world.grace(), 1).toEveryByte();
        return world.await(new NamespaceCheck(context, settings, new CheckProgress()).run());
    }

    /** Mends what {@link #check} finds. */
    CompletableFuture<RepairReport> repair() {
        var context = new CheckContext(world.objects(), world.layout(), world.access(), _ -> Optional.empty());
        var settings = CheckSettings.defaults(world.grace(), 1).toEveryByte();
        return new NamespaceRepair(context, settings).run(check());
    }

    /** Every acknowledged record is there, at its offset; then more is written. */
    void assertEverythingIsThere() {
        acknowledged.forEach(
                (id, values) -> assertThat(world.values(id)).as("%s", id).isEqualTo(values));
        for (PartitionId id : List.copyOf(acknowledged.keySet())) {
            write(id, 3);
        }
        acknowledged.forEach(
                (id, values) -> assertThat(world.values(id)).as("%s", id).isEqualTo(values));
    }

    static PartitionId partition(TopicRecord topic, int partition) {
        return EngineWorld.partition(topic, partition);
    }
}
