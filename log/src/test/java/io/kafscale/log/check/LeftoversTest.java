package io.kafscale.log.check;

import static io.kafscale.log.check.CheckScenario.damage;
import static io.kafscale.log.check.CheckScenario.only;
import static io.kafscale.log.check.CheckScenario.warnings;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.log.check.Finding.Kind;
import io.kafscale.log.engine.EngineWorld;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What nobody needs: told from what only looks so. */
class LeftoversTest {
    private final CheckScenario scenario = new CheckScenario();
    private final EngineWorld world = scenario.world;

    @Test
    void aSealedStreamThatNoTenureNamesIsLeftOverAfterTheGrace() {
        var first = world.stream();
        world.crash();
        world.settings(1024, Duration.ofSeconds(1));
        world.start();
        world.advance(Duration.ofSeconds(20)); // all it had is in segments now
        world.crash();
        world.advance(world.grace());
        // When
        CheckReport report = scenario.check();
        // Then
        assertThat(report.damage()).isZero();
        assertThat(report.findings()).anySatisfy(found -> {
            assertThat(found.kind()).isEqualTo(Kind.ORPHAN_STREAM);
            assertThat(found.key()).isEqualTo(world.layout().walPrefix(first));
        });
    }

    @Test
    void whatALateRequestPutBackIntoAStreamThatWasDeletedIsLeftOver() {
        var first = world.stream();
        String key = world.layout().walKey(first, 1);
        byte[] bytes = world.objects().bytes(key);
        world.crash();
        world.settings(1024, Duration.ofSeconds(1));
        world.start();
        world.advance(Duration.ofSeconds(20)); // all it had is in segments now
        world.advance(world.grace().multipliedBy(3));
        assertThat(scenario.check().findings()).isEmpty();
        world.objects().overwrite(key, bytes);
        world.advance(world.grace().multipliedBy(2));
        // When
        CheckReport report = scenario.check();
        // Then
        assertThat(report.damage()).isZero();
        Finding found = only(report, Kind.ORPHAN_STREAM);
        assertThat(found.key()).isEqualTo(world.layout().walPrefix(first));
        assertThat(found.remedy()).contains("do not look again", "fsck --repair");
    }

    @Test
    void segmentsBelowTheLogStartAreLeftOver() {
        long end = world.record(scenario.orders0).segmentEndOffset();
        world.deleteRecordsBefore(scenario.orders0, end);
        world.crash(); // before they are deleted
        world.advance(world.grace());
        // When
        CheckReport report = scenario.check();
        // Then
        assertThat(report.damage()).isZero();
        assertThat(only(report, Kind.BELOW_LOG_START).what()).contains("segments");
    }

    @Test
    void aStrayCopyOfAKnownSegmentIsNoDamageButOneOfUnknownRecordsIs() {
        long end = world.record(scenario.orders0).segmentEndOffset();
        var made = io.kafscale.format.segment.SegmentFile.encode(
                java.util.List.of(io.kafscale.log.fixture.Batches.of(1, "never heard of")), 0, 1);
        var bytes = java.nio.ByteBuffer.allocate(made.length());
        made.buffers().forEach(bytes::put);
        bytes.putLong(8, end + 100).putLong(32, end + 100);
        bytes.putLong(made.length() - 12, end + 100);
        world.objects().overwrite(scenario.segmentKey(end + 100), bytes.array());
        // When
        CheckReport report = scenario.check();
        // Then
        assertThat(damage(report)).containsExactly(Kind.STRAY_SEGMENT);
    }

    @Test
    void objectsOfADeletedTopicAreLeftOverAfterTheGrace() {
        world.delete(scenario.topic);
        world.crash();
        assertThat(scenario.check().findings()).isEmpty();
        world.advance(world.grace().multipliedBy(2));
        // When
        CheckReport report = scenario.check();
        // Then
        assertThat(report.damage()).isZero();
        assertThat(warnings(report)).contains(Kind.DELETED_TOPIC);
    }

    @Test
    void aDirectoryOfATopicThatWasDeletedLongAgoIsAWarning() {
        String key = world.layout().segmentKey("gone", 0, 0);
        world.delete(world.create("gone", 1));
        world.advance(world.grace().multipliedBy(2));
        world.objects().overwrite(key, world.objects().bytes(scenario.segmentKey(0)));
        // When
        CheckReport report = scenario.check();
        // Then
        assertThat(report.damage()).isZero();
        assertThat(only(report, Kind.UNKNOWN_TOPIC).key()).isEqualTo(key);
    }

    @Test
    void aDirectoryOfATopicThatTheMetadataNeverKnewIsDamage() {
        String key = world.layout().segmentKey("orders~2", 0, 0);
        world.objects().overwrite(key, world.objects().bytes(scenario.segmentKey(0)));
        assertThat(damage(scenario.check())).containsExactly(Kind.UNKNOWN_TOPIC);
    }

    @Test
    void keysOfSomebodyElseAndOfProbesAreWarnings() {
        world.objects().overwrite("test/notes.txt", new byte[] {1});
        world.objects().overwrite("test/.wal/1-1/notes.txt", new byte[] {1});
        world.objects().overwrite("test/.probe/1", new byte[] {1});
        world.advance(world.grace().multipliedBy(2));
        // When
        CheckReport report = scenario.check();
        // Then
        assertThat(report.damage()).isZero();
        assertThat(report.findings())
                .extracting(Finding::kind)
                .containsExactlyInAnyOrder(Kind.UNKNOWN_KEY, Kind.UNKNOWN_KEY, Kind.LEFTOVER);
    }
}
