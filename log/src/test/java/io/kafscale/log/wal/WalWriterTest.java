package io.kafscale.log.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.format.wal.ChunkKey;
import io.kafscale.format.wal.WalData;
import io.kafscale.format.wal.WalHeader;
import io.kafscale.format.wal.WalObjectReader;
import io.kafscale.format.wal.WalSeal;
import io.kafscale.log.LogException;
import io.kafscale.log.wal.ScriptedStore.Script;
import io.kafscale.objectstore.StorageException.Kind;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class WalWriterTest {
    private final TestOwner orders = new TestOwner(0);
    private final TestOwner payments = new TestOwner(1);

    @Test
    void whatIsQueuedOnTheLoopSharesOneObject() {
        var wal = WalHarness.started(WalHarness.UNLIMITED);
        // When
        wal.loop.execute(() -> orders.append(wal.writer()));
        wal.loop.execute(() -> payments.append(wal.writer()));
        wal.loop.execute(() -> orders.append(wal.writer()));
        wal.advanceMs(20);
        // Then
        assertThat(wal.putSequences()).containsExactly(1L);
        assertThat(orders.highWatermark()).isEqualTo(2);
        assertThat(payments.highWatermark()).isEqualTo(1);
        assertThat(wal.committed).singleElement().satisfies(object -> {
            assertThat(object.chunks()).isEqualTo(2);
            assertThat(object.latency()).isEqualTo(ScriptedStore.LATENCY);
            assertThat(object.bytes()).isEqualTo(requireBytes(wal, 1).length);
        });
    }

    @Test
    void objectsAreAcknowledgedInSequenceHoweverTheyFinish() {
        var wal = WalHarness.started(WalHarness.small(1, 8));
        wal.objects.puts(put -> Script.after(Duration.ofMillis(put.key().equals(wal.key(1)) ? 500 : 20)));
        orders.append(wal.writer());
        payments.append(wal.writer());
        // When
        wal.advanceMs(499);
        // Then
        assertThat(wal.objects.objects()).containsKey(wal.key(2)).doesNotContainKey(wal.key(1));
        assertThat(payments.highWatermark()).isZero();
        assertThat(wal.writer().commitPosition()).isEqualTo(1);
        // When
        wal.advanceMs(1);
        // Then
        assertThat(orders.highWatermark()).isEqualTo(1);
        assertThat(payments.highWatermark()).isEqualTo(1);
        assertThat(wal.writer().commitPosition()).isEqualTo(3);
    }

    @Test
    void positionsInTheHeaderSayWhatIsAcknowledgedAndWhatIsCovered() {
        var wal = WalHarness.started(WalHarness.UNLIMITED);
        for (int i = 0; i < 4; i++) {
            orders.append(wal.writer());
            wal.advanceMs(20);
        }
        // When
        wal.writer().covered(2);
        wal.writer().covered(1);
        orders.append(wal.writer());
        wal.advanceMs(1);
        orders.append(wal.writer());
        wal.writer().flush();
        wal.advanceMs(20);
        // Then
        assertThat(header(wal, 4)).returns(4L, WalHeader::commitPosition).returns(1L, WalHeader::trimPosition);
        assertThat(header(wal, 5)).returns(5L, WalHeader::commitPosition).returns(3L, WalHeader::trimPosition);
        assertThat(header(wal, 6)).returns(5L, WalHeader::commitPosition).returns(3L, WalHeader::trimPosition);
        assertThat(wal.writer().neededObjects()).isEqualTo(4);
        assertThatThrownBy(() -> wal.writer().covered(1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void everySixtyFourthFooterRepeatsTheOnesBefore() {
        var wal = WalHarness.started(WalHarness.UNLIMITED);
        // When
        for (int i = 0; i < 130; i++) {
            orders.append(wal.writer());
            wal.advanceMs(20);
        }
        // Then
        assertThat(data(wal, 64).consolidated())
                .extracting(d -> d.sequence())
                .hasSize(64)
                .startsWith(0L)
                .endsWith(63L);
        assertThat(data(wal, 128).consolidated())
                .extracting(d -> d.sequence())
                .hasSize(64)
                .startsWith(64L)
                .endsWith(127L);
        assertThat(data(wal, 128).consolidated().getLast().chunks())
                .isEqualTo(data(wal, 127).chunks());
        assertThat(data(wal, 63).consolidated()).isEmpty();
        assertThat(data(wal, 65).consolidated()).isEmpty();
    }

    @Test
    void aFlushDoesNotWaitForAToken() {
        var wal = WalHarness.started(WalHarness.paced(0.01));
        for (int i = 0; i < 2; i++) {
            orders.append(wal.writer());
            wal.advanceMs(20);
        }
        orders.append(wal.writer());
        wal.advanceMs(5_000);
        assertThat(orders.highWatermark()).isEqualTo(2);
        // When
        var flushed = wal.writer().flush();
        wal.advanceMs(20);
        // Then
        assertThat(flushed).isCompleted();
        assertThat(orders.highWatermark()).isEqualTo(3);
        assertThat(wal.writer().flush()).isCompleted();
    }

    @Test
    void aFlushCompletesWhenAllBeforeItIsDurable() {
        var wal = WalHarness.started(WalHarness.small(1, 8));
        wal.objects.puts(put -> Script.after(Duration.ofMillis(put.key().equals(wal.key(1)) ? 500 : 20)));
        orders.append(wal.writer());
        orders.append(wal.writer());
        var flushed = wal.writer().flush();
        // When
        wal.advanceMs(499);
        // Then
        assertThat(flushed).isNotDone();
        wal.advanceMs(1);
        assertThat(flushed).isCompleted();
    }

    @Test
    void aCleanShutdownFlushesAndSealsItsOwnStream() {
        var wal = WalHarness.started(WalHarness.paced(0.01));
        for (int i = 0; i < 3; i++) {
            orders.append(wal.writer());
            wal.advanceMs(20);
        }
        // When
        var sealed = wal.writer().seal();
        assertThatThrownBy(() -> orders.append(wal.writer()))
                .isInstanceOfSatisfying(
                        LogException.class,
                        refused -> assertThat(refused.kind()).isEqualTo(LogException.Kind.CLOSED));
        // Then
        assertThat(wal.await(sealed)).isEqualTo(4);
        assertThat(orders.highWatermark()).isEqualTo(3);
        assertThat(new WalObjectReader().parse(ByteBuffer.wrap(requireBytes(wal, 4)), "seal"))
                .isInstanceOfSatisfying(WalSeal.class, seal -> {
                    assertThat(seal.sealer()).isEqualTo(WalHarness.STREAM);
                    assertThat(seal.header().commitPosition()).isEqualTo(4);
                });
        assertThat(wal.fenced).isNull();
        assertThat(wal.writer().seal()).isSameAs(sealed);
    }

    @Test
    void aSealThatSomebodyElsePlacedFencesTheSealingWriter() {
        var wal = WalHarness.started(WalHarness.UNLIMITED);
        wal.await(new StreamSealer(wal.store, wal.settings, WalHarness.SUCCESSOR).seal(WalHarness.STREAM));
        // When
        var sealed = wal.writer().seal();
        // Then
        assertThatThrownBy(() -> wal.await(sealed)).isInstanceOf(CompletionException.class);
        assertThat(wal.fenced).isNotNull();
    }

    @Test
    void haltStopsEverythingAtOnce() {
        var wal = WalHarness.started(WalHarness.small(200, 8));
        wal.objects.puts(_ -> Script.fails(Kind.UNAVAILABLE));
        for (int i = 0; i < 10; i++) {
            orders.append(wal.writer());
        }
        var flushed = wal.writer().flush();
        var sealed = wal.writer().seal();
        wal.advanceMs(200);
        int sent = wal.objects.requests().size();
        // When
        wal.writer().halt();
        wal.advanceMs(60_000);
        // Then
        assertThat(wal.objects.requests()).hasSize(sent);
        assertThat(flushed).isCompletedExceptionally();
        assertThat(sealed).isCompletedExceptionally();
        assertThat(wal.writer().buffer().used()).isZero();
        assertThat(wal.fenced).isNull();
        assertThat(wal.time.pending()).isZero();
    }

    @Test
    void aProbeFindsTheSealOfASuccessor() {
        var wal = WalHarness.started(WalHarness.UNLIMITED);
        orders.append(wal.writer());
        wal.advanceMs(100);
        assertThat(wal.writer().probe()).isNotDone();
        assertThat(wal.await(wal.writer().probe())).isNull();
        wal.await(new StreamSealer(wal.store, wal.settings, WalHarness.SUCCESSOR).seal(WalHarness.STREAM));
        // When
        var probe = wal.writer().probe();
        // Then
        assertThatThrownBy(() -> wal.await(probe)).hasCause(wal.fenced);
        assertThat(wal.fenced).isNotNull();
    }

    @Test
    void aProbeFindsASealInThePlaceOfAnObjectThatIsStillOnItsWay() {
        // Given two objects that never arrive
        var wal = WalHarness.started(WalHarness.small(1, 8));
        wal.objects.puts(put -> put.attempt() == 1 ? Script.neverAnswers(null) : Script.succeeds());
        orders.append(wal.writer());
        orders.append(wal.writer());
        wal.advanceMs(100);
        wal.await(new StreamSealer(wal.store, wal.settings, WalHarness.SUCCESSOR).seal(WalHarness.STREAM));
        assertThat(wal.objects.objects()).containsKey(wal.key(1));
        // When
        var probe = wal.writer().probe();
        // Then
        assertThatThrownBy(() -> wal.await(probe)).hasCause(wal.fenced);
        assertThat(wal.fenced).isNotNull();
    }

    @Test
    void aProbeLooksBehindOwnObjectsThatNobodyHasConfirmedYet() {
        // Given two objects that are there, whose answers are lost
        var wal = WalHarness.started(WalHarness.small(1, 8));
        wal.objects.puts(put -> Script.neverAnswers(ScriptedStore.LATENCY));
        orders.append(wal.writer());
        orders.append(wal.writer());
        wal.advanceMs(100);
        assertThat(wal.writer().commitPosition()).isEqualTo(1);
        // When
        var before = wal.writer().probe();
        wal.advanceMs(100);
        // Then
        assertThat(before).isCompleted();
        wal.objects.puts(put -> Script.succeeds());
        wal.await(new StreamSealer(wal.store, wal.settings, WalHarness.SUCCESSOR).seal(WalHarness.STREAM));
        assertThat(wal.objects.objects()).containsKey(wal.key(3));
        var after = wal.writer().probe();
        assertThatThrownBy(() -> wal.await(after)).hasCause(wal.fenced);
    }

    @Test
    void aProbeThatCannotReadSaysSoAndFencesNobody() {
        var wal = WalHarness.started(WalHarness.UNLIMITED);
        wal.objects.reads(_ -> Kind.UNAVAILABLE);
        // When
        var probe = wal.writer().probe();
        // Then
        assertThatThrownBy(() -> wal.await(probe)).hasMessageContaining("UNAVAILABLE");
        assertThat(wal.fenced).isNull();
    }

    @Test
    void aRefusedAppendLeavesTheWriterAsItWas() {
        var wal = WalHarness.started(WalHarness.UNLIMITED);
        orders.append(wal.writer());
        payments.append(wal.writer());
        var gap = new TestOwner(1).nextBatch(10).putLong(0, 40);
        // When
        assertThatThrownBy(() -> wal.writer().append(payments, List.of(gap), 0))
                .isInstanceOf(IllegalArgumentException.class);
        // Then
        assertThat(wal.fenced).isNull();
        assertThat(wal.await(wal.writer().flush())).isNull();
    }

    @Test
    void halfAnAppendIsTheEndOfTheStream() {
        var wal = WalHarness.started(WalHarness.UNLIMITED);
        var first = orders.nextBatch(10);
        var gap = orders.nextBatch(10).putLong(0, 40);
        // When
        assertThatThrownBy(() -> wal.writer().append(orders, List.of(first, gap), 0))
                .isInstanceOf(IllegalArgumentException.class);
        wal.advanceMs(100);
        // Then
        assertThat(wal.fenced).isNotNull();
        assertThat(orders.committed()).isEmpty();
        assertThat(wal.putSequences()).isEmpty();
    }

    @Test
    void whatOneOwnerThrowsKeepsNoOtherFromBeingTold() {
        var wal = WalHarness.started(WalHarness.UNLIMITED);
        var broken = new ChunkOwner() {
            @Override
            public ChunkKey target() {
                return orders.target();
            }

            @Override
            public void committed(ChunkRef chunk) {
                throw new IllegalStateException("broken owner");
            }
        };
        wal.writer().append(broken, List.of(orders.nextBatch(10)), 0);
        payments.append(wal.writer());
        // When
        assertThatThrownBy(() -> wal.advanceMs(20)).hasMessage("broken owner");
        // Then
        assertThat(payments.highWatermark()).isEqualTo(1);
        assertThat(wal.committed).hasSize(1);
    }

    private static byte[] requireBytes(WalHarness wal, long sequence) {
        byte[] bytes = wal.objects.objects().get(wal.key(sequence));
        assertThat(bytes).isNotNull();
        return bytes;
    }

    private static WalData data(WalHarness wal, long sequence) {
        return (WalData)
                new WalObjectReader().parse(ByteBuffer.wrap(requireBytes(wal, sequence)), "object " + sequence);
    }

    private static WalHeader header(WalHarness wal, long sequence) {
        return data(wal, sequence).header();
    }
}
