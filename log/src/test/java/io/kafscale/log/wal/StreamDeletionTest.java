package io.kafscale.log.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.log.wal.ScriptedStore.Script;
import io.kafscale.objectstore.StorageException.Kind;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class StreamDeletionTest {
    private final TestOwner orders = new TestOwner(0);

    private WalHarness withObjects(int objects) {
        var wal = WalHarness.started(WalHarness.UNLIMITED);
        for (int i = 0; i < objects; i++) {
            orders.append(wal.writer());
            wal.advanceMs(20);
        }
        return wal;
    }

    private static List<Long> present(WalHarness wal) {
        return wal.objects.objects().keySet().stream()
                .map(key -> wal.store.layout().parseWalKey(key).orElseThrow().sequence())
                .toList();
    }

    @Test
    void coveredObjectsAreDeletedAGraceAfterACommittedObjectSaysSo() {
        var wal = withObjects(4);
        wal.writer().covered(1);
        wal.writer().covered(2);
        wal.advanceMs(600_000);
        assertThat(present(wal)).containsExactly(0L, 1L, 2L, 3L, 4L);
        // When
        orders.append(wal.writer());
        wal.advanceMs(20);
        wal.advanceMs(59_999);
        assertThat(present(wal)).contains(1L, 2L);
        wal.advanceMs(10);
        // Then
        assertThat(present(wal)).containsExactly(0L, 3L, 4L, 5L);
    }

    @Test
    void onlyAPrefixIsDeleted() {
        var wal = withObjects(4);
        wal.writer().covered(1);
        wal.writer().covered(3);
        orders.append(wal.writer());
        wal.advanceMs(600_000);
        assertThat(present(wal)).containsExactly(0L, 2L, 3L, 4L, 5L);
    }

    @Test
    void theNewestCommittedObjectStays() {
        var wal = withObjects(4);
        for (long sequence = 1; sequence <= 4; sequence++) {
            wal.writer().covered(sequence);
        }
        orders.append(wal.writer());
        wal.advanceMs(20);
        wal.writer().covered(5);
        wal.advanceMs(600_000);
        assertThat(present(wal)).containsExactly(0L, 5L);
    }

    @Test
    void whatAnObjectInDoubtSaysDeletesNothing() {
        var wal = withObjects(4);
        wal.writer().covered(1);
        wal.objects.puts(_ -> Script.landsButFails(Kind.OUTCOME_UNKNOWN));
        wal.objects.reads(_ -> Kind.UNAVAILABLE);
        // When
        orders.append(wal.writer());
        wal.advanceMs(600_000);
        // Then
        assertThat(present(wal)).contains(1L, 5L);
        assertThat(wal.objects.requests("delete")).isEmpty();
    }

    @Test
    void anObjectInDoubtIsNotBelowTheTrimPosition() {
        var wal = WalHarness.started(WalHarness.small(1, 8));
        wal.objects.puts(
                put -> Script.after(put.key().equals(wal.key(2)) ? Duration.ofMillis(900) : ScriptedStore.LATENCY));
        orders.append(wal.writer());
        wal.advanceMs(20);
        wal.writer().covered(1);
        // When
        orders.append(wal.writer());
        orders.append(wal.writer());
        wal.advanceMs(1_000);
        // Then
        assertThat(wal.committed).extracting(CommittedObject::trimPosition).containsExactly(1L, 2L, 2L);
    }

    @Test
    void aDeletionThatFailsIsRepeated() {
        var wal = withObjects(4);
        wal.writer().covered(1);
        orders.append(wal.writer());
        wal.objects.reads(_ -> Kind.UNAVAILABLE);
        wal.advanceMs(100_000);
        assertThat(present(wal)).contains(1L);
        // When
        wal.objects.reads(_ -> null);
        wal.advanceMs(60_000);
        // Then
        assertThat(present(wal)).doesNotContain(1L);
        wal.objects.requests().clear();
        wal.advanceMs(600_000);
        assertThat(wal.objects.requests()).isEmpty();
    }

    @Test
    void manyObjectsAreDeletedInAscendingBatches() {
        var wal = withObjects(2_500);
        for (long sequence = 1; sequence <= 2_400; sequence++) {
            wal.writer().covered(sequence);
        }
        orders.append(wal.writer());
        wal.advanceMs(120_000);
        assertThat(present(wal)).startsWith(0L, 2_401L);
        assertThat(wal.objects.requests("delete"))
                .extracting(ScriptedStore.Request::key)
                .containsExactly(wal.key(1), wal.key(1_001), wal.key(2_001));
    }

    @Test
    void ofACollectedStreamOnlyTheSealIsLeft() {
        var wal = withObjects(1_200);
        var sealed = wal.await(new StreamSealer(wal.store, wal.settings, WalHarness.SUCCESSOR).seal(WalHarness.STREAM));
        wal.objects.objects().put(wal.key(1_203), new byte[] {1});
        var collector = new StreamCollector(wal.store);
        // When
        int deleted = wal.await(collector.collect(sealed));
        // Then
        assertThat(deleted).isEqualTo(1_202);
        assertThat(present(wal)).containsExactly(1_201L);
        assertThat(wal.await(collector.collect(sealed))).isZero();
    }

    @Test
    void aStreamWithoutASealIsNotCollected() {
        var wal = withObjects(5);
        var collecting = new StreamCollector(wal.store).collect(new SealedStream(WalHarness.STREAM, 5, 0));
        assertThatThrownBy(() -> wal.await(collecting)).cause().hasMessageContaining("no seal at 5");
        assertThat(present(wal)).hasSize(6);
    }
}
