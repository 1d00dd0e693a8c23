package io.kafscale.log.check;

import io.kafscale.format.SegmentKey;
import io.kafscale.log.check.Finding.Kind;
import io.kafscale.log.check.Finding.Severity;
import io.kafscale.log.engine.EngineWorld;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.TopicRecord;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A world with a topic "orders" of two partitions: in partition 0 segments and a WAL tail, and ways to check it. */
class CheckScenario {
    static final int SHARDS = 2;

    final EngineWorld world = new EngineWorld();
    TopicRecord topic;
    PartitionId orders0;
    PartitionId orders1;

    CheckScenario() {
        world.start();
        topic = world.create("orders", 2);
        orders0 = EngineWorld.partition(topic, 0);
        orders1 = EngineWorld.partition(topic, 1);
        world.fill(orders0, 0, 17);
        world.produce(orders1, "a", "b");
        world.settle();
    }

    CheckContext context() {
        return new CheckContext(
                world.objects(),
                world.layout(),
                world.access(),
                stored -> stored.key().endsWith("bad") ? Optional.of("cannot be read") : Optional.empty());
    }

    CompletableFuture<CheckReport> checking(boolean deep) {
        CheckSettings settings = CheckSettings.defaults(world.grace(), SHARDS);
        return new NamespaceCheck(context(), deep ? settings.toEveryByte() : settings, new CheckProgress()).run();
    }

    CheckReport check() {
        return world.await(checking(false));
    }

    CheckReport checkDeeply() {
        return world.await(checking(true));
    }

    /** Base offsets of the segments of partition 0 of "orders". */
    List<Long> segments() {
        return world.objects().keys(world.layout().partitionPrefix("orders", 0)).stream()
                .flatMap(key -> world.layout().parseSegmentKey(key).stream())
                .filter(key -> key.kind() == SegmentKey.Kind.DATA)
                .map(SegmentKey::baseOffset)
                .toList();
    }

    String segmentKey(long baseOffset) {
        return world.layout().segmentKey("orders", 0, baseOffset);
    }

    String indexKey(long baseOffset) {
        return world.layout().indexKey("orders", 0, baseOffset);
    }

    /** Turns one bit of an object over. */
    void flip(String key, int position) {
        byte[] bytes = world.objects().bytes(key);
        bytes[position < 0 ? bytes.length + position : position] ^= 1;
        world.objects().overwrite(key, bytes);
    }

    void cut(String key, int bytes) {
        byte[] whole = world.objects().bytes(key);
        world.objects().overwrite(key, java.util.Arrays.copyOf(whole, whole.length - bytes));
    }

    static List<Kind> kinds(CheckReport report, Severity severity) {
        return report.findings().stream()
                .filter(found -> found.severity() == severity)
                .map(Finding::kind)
                .distinct()
                .toList();
    }

    static List<Kind> damage(CheckReport report) {
        return kinds(report, Severity.DAMAGE);
    }

    static List<Kind> warnings(CheckReport report) {
        return kinds(report, Severity.WARNING);
    }

    static Finding only(CheckReport report, Kind kind) {
        List<Finding> found = report.findings().stream()
                .filter(finding -> finding.kind() == kind)
                .toList();
        if (found.size() != 1) {
            throw new AssertionError("not one " + kind + " in " + report.findings());
        }
        return found.getFirst();
    }
}
