package io.kafscale.log.check;

import static io.kafscale.log.check.CheckScenario.damage;
import static io.kafscale.log.check.CheckScenario.only;
import static io.kafscale.log.check.CheckScenario.warnings;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.format.RecordBatchEncoder;
import io.kafscale.format.segment.SegmentFile;
import io.kafscale.format.wal.WalObjectReader;
import io.kafscale.log.check.Finding.Kind;
import io.kafscale.log.check.Finding.Offsets;
import io.kafscale.log.engine.EngineWorld;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Objects that are missing, damaged or contradict each other, each planted by hand. */
class DamagedObjectsTest {
    private final CheckScenario scenario = new CheckScenario();
    private final EngineWorld world = scenario.world;

    private String lastWalObject() {
        return world.objects().keys(world.layout().walPrefix(world.stream())).getLast();
    }

    @Test
    void aMissingSegmentIsAGap() {
        List<Long> segments = scenario.segments();
        world.objects().remove(scenario.segmentKey(segments.get(1)));
        // When
        CheckReport report = scenario.check();
        // Then
        assertThat(damage(report)).containsExactly(Kind.GAP);
        Finding gap = only(report, Kind.GAP);
        assertThat(gap.offsets()).isEqualTo(new Offsets(segments.get(1), segments.get(2) - 1));
        assertThat(gap.partition()).contains("orders-0");
    }

    @Test
    void aMissingLastSegmentIsAGap() {
        long last = scenario.segments().getLast();
        world.objects().remove(scenario.segmentKey(last));
        // When
        CheckReport report = scenario.check();
        // Then
        long end = world.record(scenario.orders0).segmentEndOffset();
        assertThat(only(report, Kind.GAP).offsets()).isEqualTo(new Offsets(last, end - 1));
    }

    @Test
    void aMissingWalObjectIsAGapAndNamed() {
        String key = lastWalObject();
        world.produce(scenario.orders0, "behind it");
        world.produce(scenario.orders1, "and once more, so that a commit position covers it");
        world.objects().remove(key);
        // When
        CheckReport report = scenario.check();
        // Then
        assertThat(damage(report)).contains(Kind.UNREADABLE_OBJECT);
        assertThat(only(report, Kind.UNREADABLE_OBJECT).key()).isEqualTo(key);
    }

    @Test
    void aLostTailOfATenureIsAGap() {
        world.crash();
        world.start();
        // The first stream's tenure has ended: everything up to its end was acknowledged.
        var tenure = world.record(scenario.orders1).tenures().getFirst();
        String prefix = world.layout().walPrefix() + tenure.stream() + "/";
        List<String> keys = world.objects().keys(prefix);
        keys.subList(1, keys.size() - 1).forEach(world.objects()::remove);
        // When
        CheckReport report = scenario.check();
        // Then
        assertThat(damage(report)).contains(Kind.GAP, Kind.UNREADABLE_OBJECT);
        assertThat(report.findings().stream()
                        .filter(found -> found.kind() == Kind.GAP
                                && String.valueOf(found.partition()).contains("orders-1"))
                        .map(Finding::offsets))
                .containsExactly(new Offsets(0, 1));
    }

    @Test
    void aTruncatedSegmentIsUnreadable() {
        long base = scenario.segments().get(1);
        scenario.cut(scenario.segmentKey(base), 7);
        // When
        CheckReport report = scenario.check();
        // Then
        assertThat(damage(report)).containsExactly(Kind.UNREADABLE_OBJECT);
        assertThat(only(report, Kind.UNREADABLE_OBJECT).key()).isEqualTo(scenario.segmentKey(base));
    }

    @Test
    void aSegmentWithABadMagicIsUnreadable() {
        scenario.flip(scenario.segmentKey(scenario.segments().getFirst()), 0);
        assertThat(damage(scenario.check())).containsExactly(Kind.UNREADABLE_OBJECT);
    }

    @Test
    void aSegmentUnderAnotherKeyIsUnreadable() {
        List<Long> segments = scenario.segments();
        world.objects()
                .overwrite(
                        scenario.segmentKey(segments.get(1)),
                        world.objects().bytes(scenario.segmentKey(segments.get(0))));
        assertThat(damage(scenario.check())).contains(Kind.UNREADABLE_OBJECT);
    }

    @Test
    void aFlippedBitOfTheRecordsIsFoundByADeepCheckOnly() {
        scenario.flip(scenario.segmentKey(scenario.segments().getFirst()), 120);
        assertThat(scenario.check().damage()).isZero();
        // When
        CheckReport report = scenario.checkDeeply();
        // Then
        assertThat(damage(report)).containsExactly(Kind.UNREADABLE_OBJECT);
    }

    @Test
    void aDamagedWalFooterIsUnreadable() {
        scenario.flip(lastWalObject(), -20);
        assertThat(damage(scenario.check())).contains(Kind.UNREADABLE_OBJECT);
    }

    @Test
    void aDamagedWalHeaderIsUnreadable() {
        scenario.flip(lastWalObject(), 30);
        assertThat(damage(scenario.check())).contains(Kind.UNREADABLE_OBJECT);
    }

    @Test
    void aDamagedWalChunkIsFoundByADeepCheckOnly() {
        scenario.flip(lastWalObject(), 100);
        assertThat(scenario.check().damage()).isZero();
        assertThat(damage(scenario.checkDeeply())).contains(Kind.UNREADABLE_OBJECT);
    }

    @Test
    void aWholeStreamThatIsMissingIsDamage() {
        var stream = world.stream();
        world.crash();
        world.objects().keys(world.layout().walPrefix(stream)).forEach(world.objects()::remove);
        // When
        CheckReport report = scenario.check();
        // Then
        assertThat(damage(report)).containsExactly(Kind.UNREADABLE_OBJECT);
        assertThat(only(report, Kind.UNREADABLE_OBJECT).key())
                .isEqualTo(world.layout().walPrefix(stream));
    }

    @Test
    void aDamagedSealIsUnreadable() {
        var stream = world.stream();
        world.crash();
        world.start();
        String seal = world.objects().keys(world.layout().walPrefix(stream)).getLast();
        assertThat(new WalObjectReader()
                        .parseHeader(ByteBuffer.wrap(world.objects().bytes(seal)), seal)
                        .kind()
                        .name())
                .isEqualTo("SEAL");
        scenario.flip(seal, 40);
        assertThat(damage(scenario.check())).containsExactly(Kind.UNREADABLE_OBJECT);
    }

    @Test
    void aDamagedGenesisIsUnreadable() {
        scenario.flip(world.layout().walKey(world.stream(), 0), 20);
        assertThat(scenario.check().findings()).extracting(Finding::kind).containsExactly(Kind.UNREADABLE_OBJECT);
    }

    @Test
    void aDamagedOrMissingIdentityIsDamage() {
        scenario.flip("test/.cluster", 3);
        assertThat(damage(scenario.check())).containsExactly(Kind.UNREADABLE_OBJECT, Kind.CLUSTER_IDENTITY);
        world.objects().remove("test/.cluster");
        assertThat(damage(scenario.check())).containsExactly(Kind.CLUSTER_IDENTITY);
    }

    @Test
    void theIdentityOfAnotherClusterIsDamage() {
        world.objects()
                .overwrite(
                        "test/.cluster",
                        "kafscale-cluster 1\ncluster-id another\nrestore-generation 0\n"
                                .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        assertThat(damage(scenario.check())).contains(Kind.CLUSTER_IDENTITY);
    }

    @Test
    void aMissingIndexIsAWarningOnceTheGraceIsOver() {
        world.objects().remove(scenario.indexKey(scenario.segments().getFirst()));
        assertThat(scenario.check().findings()).isEmpty();
        world.advance(world.grace().plusSeconds(1));
        // When
        CheckReport report = scenario.check();
        // Then
        assertThat(report.damage()).isZero();
        assertThat(warnings(report)).containsExactly(Kind.INDEX_MISSING);
    }

    @Test
    void aDamagedIndexIsAWarning() {
        scenario.flip(scenario.indexKey(scenario.segments().getFirst()), 60);
        CheckReport report = scenario.check();
        assertThat(report.damage()).isZero();
        assertThat(warnings(report)).containsExactly(Kind.INDEX_DAMAGED);
    }

    @Test
    void anIndexOfAnotherSegmentIsAWarning() {
        List<Long> segments = scenario.segments();
        world.objects()
                .overwrite(
                        scenario.indexKey(segments.get(0)), world.objects().bytes(scenario.indexKey(segments.get(1))));
        assertThat(warnings(scenario.check())).containsExactly(Kind.INDEX_DAMAGED);
    }

    @Test
    void overlappingSegmentsWithTheSameRecordsAreFine() {
        world.objects().overwrite(scenario.segmentKey(1), prefixOfFirstSegment(1, 'x'));
        CheckReport report = scenario.checkDeeply();
        assertThat(report.damage()).isZero();
    }

    @Test
    void overlappingSegmentsWithOtherRecordsAreDamage() {
        world.objects().overwrite(scenario.segmentKey(1), prefixOfFirstSegment(1, 'y'));
        assertThat(scenario.check().damage()).isZero();
        // When
        CheckReport report = scenario.checkDeeply();
        // Then
        assertThat(damage(report)).containsExactly(Kind.OVERLAP);
        // It contradicts the first segment, and the WAL object that both were made of.
        assertThat(report.findings())
                .hasSize(2)
                .allSatisfy(found -> assertThat(found.offsets()).isEqualTo(new Offsets(1, 1)));
    }

    /** A segment of one record that the first segment has, too, or another one. */
    private byte[] prefixOfFirstSegment(long offset, char filling) {
        var file = SegmentFile.parse(ByteBuffer.wrap(world.objects().bytes(scenario.segmentKey(0))), "first");
        var batches = new java.util.ArrayList<ByteBuffer>();
        file.forEachBatch((batch, _) -> {
            if (batch.baseOffset() == offset) {
                ByteBuffer copy = ByteBuffer.allocate(batch.sizeInBytes());
                copy.put(batch.slice()).flip();
                batches.add(copy);
            }
        });
        ByteBuffer batch = batches.getFirst();
        if (filling != 'x') {
            batch = RecordBatchEncoder.at(offset)
                    .add(5, null, new byte[] {1, 2, 3})
                    .encode();
        }
        var made = SegmentFile.encode(List.of(batch), offset, 1);
        ByteBuffer bytes = ByteBuffer.allocate(made.length());
        made.buffers().forEach(bytes::put);
        return bytes.array();
    }

    @Test
    void aSegmentThatContradictsTheWalIsDamage() {
        long last = scenario.segments().getLast();
        var stored = SegmentFile.parse(ByteBuffer.wrap(world.objects().bytes(scenario.segmentKey(last))), "last");
        var encoder = RecordBatchEncoder.at(last);
        for (long offset = last; offset <= stored.footer().lastOffset(); offset++) {
            encoder.add(5, null, new byte[] {1, 2, 3});
        }
        var made = SegmentFile.encode(List.of(encoder.encode()), last, 1);
        ByteBuffer bytes = ByteBuffer.allocate(made.length());
        made.buffers().forEach(bytes::put);
        world.objects().overwrite(scenario.segmentKey(last), bytes.array());
        // When
        CheckReport report = scenario.checkDeeply();
        // Then
        assertThat(damage(report)).contains(Kind.OVERLAP);
    }

    @Test
    void aSegmentOfAnotherTopicIsDamage() {
        var other = world.create("other", 1);
        var otherId = EngineWorld.partition(other, 0);
        world.fill(otherId, 0, 17);
        for (String suffix : List.of("kfs", "index")) {
            String name = "segment-00000000000000000000." + suffix;
            world.objects().overwrite("test/orders/0/" + name, world.objects().bytes("test/other/0/" + name));
        }
        // When
        CheckReport report = scenario.check();
        // Then
        assertThat(damage(report)).containsExactly(Kind.TOPIC_ID_MISMATCH);
    }
}
