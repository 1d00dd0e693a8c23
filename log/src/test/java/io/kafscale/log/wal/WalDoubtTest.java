package io.kafscale.log.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.log.LogException;
import io.kafscale.log.wal.ScriptedStore.Script;
import io.kafscale.objectstore.StorageException.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the writer makes of a store that fails, is slow, or says something surprising. */
class WalDoubtTest {
    private final TestOwner orders = new TestOwner(0);
    private final TestOwner payments = new TestOwner(1);

    @Test
    void aFailedUploadLosesNobodysBatchesAndLaterOnesDoNotAcknowledgeThem() {
        var wal = WalHarness.started(WalHarness.small(1000, 8));
        wal.objects.puts(put ->
                put.key().equals(wal.key(1)) && put.attempt() <= 3 ? Script.fails(Kind.THROTTLED) : Script.succeeds());
        orders.append(wal.writer());
        payments.append(wal.writer());
        wal.advanceMs(1);
        payments.append(wal.writer(), 1000);
        // When
        wal.advanceMs(30);
        // Then
        assertThat(wal.objects.objects()).containsKey(wal.key(2)).doesNotContainKey(wal.key(1));
        assertThat(orders.highWatermark()).isZero();
        assertThat(payments.highWatermark()).isZero();
        // When
        wal.advanceMs(5_000);
        // Then
        assertThat(orders.highWatermark()).isEqualTo(1);
        assertThat(payments.highWatermark()).isEqualTo(2);
        assertThat(payments.committed()).extracting(ChunkRef::sequence).containsExactly(1L, 2L);
    }

    @Test
    void aLostReplyIsRecognisedAsSuccess() {
        var wal = WalHarness.started(WalHarness.UNLIMITED);
        wal.objects.puts(put -> put.attempt() == 1 ? Script.landsButFails(Kind.OUTCOME_UNKNOWN) : Script.succeeds());
        // When
        orders.append(wal.writer());
        wal.advanceMs(500);
        // Then
        assertThat(wal.objects.requests())
                .extracting(ScriptedStore.Request::operation)
                .containsExactly("put", "put", "tail");
        assertThat(orders.highWatermark()).isEqualTo(1);
        assertThat(wal.fenced).isNull();
    }

    @Test
    void anObjectThatCannotBeReadBackStaysInDoubt() {
        var wal = WalHarness.started(WalHarness.UNLIMITED);
        wal.objects.puts(put -> put.attempt() == 1 ? Script.landsButFails(Kind.OUTCOME_UNKNOWN) : Script.succeeds());
        wal.objects.reads(_ -> Kind.UNAVAILABLE);
        orders.append(wal.writer());
        // When
        wal.advanceMs(60_000);
        // Then
        assertThat(orders.highWatermark()).isZero();
        assertThat(wal.fenced).isNull();
        assertThat(wal.objects.requests("put")).hasSize(2);
        // When
        wal.objects.reads(_ -> null);
        wal.advanceMs(6_000);
        // Then
        assertThat(orders.highWatermark()).isEqualTo(1);
        assertThat(wal.writer().buffer().used()).isZero();
    }

    @Test
    void somebodyElsesObjectFences() {
        var wal = WalHarness.started(WalHarness.small(1, 8));
        wal.objects.puts(put -> Script.after(Duration.ofMillis(put.key().equals(wal.key(2)) ? 200 : 20)));
        wal.objects.objects().put(wal.key(2), new byte[] {1, 2, 3});
        orders.append(wal.writer());
        orders.append(wal.writer());
        orders.append(wal.writer());
        var flushed = wal.writer().flush();
        // When
        wal.advanceMs(300);
        // Then
        assertThat(wal.fenced).isNotNull();
        assertThat(wal.fenced.kind()).isEqualTo(LogException.Kind.NOT_LEADER);
        assertThat(orders.highWatermark()).isEqualTo(1);
        assertThat(flushed).failsWithin(Duration.ZERO).withThrowableThat().withCause(wal.fenced);
        assertThatThrownBy(() -> orders.append(wal.writer())).isSameAs(wal.fenced);
        wal.advanceMs(1_000);
        assertThat(orders.highWatermark()).isEqualTo(1);
        assertThat(wal.writer().buffer().used()).isZero();
        assertThat(wal.putSequences()).containsExactly(1L, 2L, 3L);
    }

    @Test
    void aSuccessThatComesAfterTheFenceIsNotAcknowledged() {
        var wal = WalHarness.started(WalHarness.small(1, 8));
        wal.objects.puts(put -> Script.after(Duration.ofMillis(put.key().equals(wal.key(1)) ? 500 : 20)));
        wal.objects.objects().put(wal.key(2), new byte[] {1, 2, 3});
        orders.append(wal.writer());
        orders.append(wal.writer());
        // When
        wal.advanceMs(1_000);
        // Then
        assertThat(wal.objects.objects()).containsKey(wal.key(1));
        assertThat(wal.fenced).isNotNull();
        assertThat(orders.committed()).isEmpty();
    }

    @Test
    void anObjectThatWasThereAndIsGoneFences() {
        var wal = WalHarness.started(WalHarness.UNLIMITED);
        wal.objects.objects().put(wal.key(1), new byte[] {1});
        wal.objects.reads(_ -> {
            wal.objects.objects().remove(wal.key(1));
            return null;
        });
        // When
        orders.append(wal.writer());
        wal.advanceMs(100);
        // Then
        assertThat(wal.fenced).isNotNull();
        assertThat(orders.committed()).isEmpty();
    }

    @Test
    void everyFailureThatMayPassIsRetriedWithTheSameBytes() {
        for (Kind kind : List.of(
                Kind.OUTCOME_UNKNOWN, Kind.THROTTLED, Kind.CONFLICT, Kind.UNAVAILABLE, Kind.DENIED, Kind.INVALID)) {
            var wal = WalHarness.started(WalHarness.UNLIMITED);
            var owner = new TestOwner(0);
            wal.objects.puts(put -> put.attempt() <= 6 ? Script.fails(kind) : Script.succeeds());
            // When
            owner.append(wal.writer());
            wal.advanceMs(15_000);
            // Then
            assertThat(owner.highWatermark()).as("after %s", kind).isEqualTo(1);
            assertThat(wal.putSequences()).containsOnly(1L).hasSize(7);
        }
    }

    @Test
    void aPutThatNeverAnswersIsRetriedWhileItsBytesStayPinned() {
        var wal = WalHarness.started(WalHarness.UNLIMITED);
        wal.objects.puts(put -> put.attempt() <= 2 ? Script.neverAnswers(Duration.ofSeconds(100)) : Script.succeeds());
        orders.append(wal.writer());
        // When
        wal.advanceMs(60_000);
        // Then
        assertThat(orders.highWatermark()).isEqualTo(1);
        assertThat(wal.objects.transports()).isPositive();
        assertThat(wal.writer().buffer().used()).isPositive();
        // When
        wal.advanceMs(60_000);
        // Then
        assertThat(wal.objects.transports()).isZero();
        assertThat(wal.writer().buffer().used()).isZero();
    }

    @Test
    void aSlowPutOfTheOldestObjectIsDoubledOnce() {
        var wal = WalHarness.started(WalHarness.small(1, 8));
        wal.objects.puts(put -> put.attempt() == 1 && put.key().equals(wal.key(1))
                ? Script.after(Duration.ofSeconds(10))
                : Script.succeeds());
        orders.append(wal.writer());
        orders.append(wal.writer());
        // When
        wal.advanceMs(1_020);
        // Then
        assertThat(orders.highWatermark()).isEqualTo(2);
        assertThat(wal.putSequences()).containsExactly(1L, 2L, 1L);
        assertThat(wal.writer().buffer().used()).isPositive();
        // When
        wal.advanceMs(20_000);
        // Then
        assertThat(wal.putSequences()).hasSize(3);
        assertThat(wal.writer().buffer().used()).isZero();
    }

    @Test
    void aDoubledPutThatIsSlowTooIsNotDoubledAgain() {
        var wal = WalHarness.started(WalHarness.UNLIMITED);
        wal.objects.puts(_ -> Script.after(Duration.ofSeconds(10)));
        // When
        orders.append(wal.writer());
        wal.advanceMs(20_000);
        // Then
        assertThat(orders.highWatermark()).isEqualTo(1);
        assertThat(wal.putSequences()).containsExactly(1L, 1L);
    }

    @Test
    void theLateSuccessOfAnAttemptThatWasGivenUpCounts() {
        var wal = WalHarness.started(WalHarness.UNLIMITED);
        wal.objects.puts(put -> put.attempt() == 1 ? Script.after(Duration.ofSeconds(40)) : Script.neverAnswers(null));
        orders.append(wal.writer());
        // When
        wal.advanceMs(39_999);
        assertThat(orders.highWatermark()).isZero();
        wal.advanceMs(1);
        // Then
        assertThat(orders.highWatermark()).isEqualTo(1);
    }

    @Test
    void theOldestObjectsRetryDoesNotSleepThroughAnothersSuccess() {
        var wal = WalHarness.started(WalHarness.small(1, 8));
        wal.objects.puts(put -> {
            if (put.key().equals(wal.key(2))) {
                return Script.after(Duration.ofMillis(25));
            }
            return put.attempt() == 1 ? Script.fails(Kind.OUTCOME_UNKNOWN) : Script.succeeds();
        });
        // When
        orders.append(wal.writer());
        orders.append(wal.writer());
        wal.advanceMs(25 + 20);
        // Then
        assertThat(orders.highWatermark()).isEqualTo(2);
    }

    @Test
    void duringAnOutageOneIsSentAtATimeAndThenTwiceAsManyWithEachSuccess() {
        var wal = WalHarness.started(WalHarness.small(1, 4));
        wal.objects.puts(_ -> Script.fails(Kind.UNAVAILABLE));
        for (int i = 0; i < 20; i++) {
            orders.append(wal.writer());
        }
        wal.advanceMs(1_000);
        var atOnce = new ArrayList<Integer>();
        wal.objects.puts(_ -> {
            atOnce.add(wal.objects.transports() + 1);
            return Script.fails(Kind.UNAVAILABLE);
        });
        // When
        wal.advanceMs(10_000);
        // Then
        assertThat(atOnce).hasSizeGreaterThan(10).containsOnly(1);
        // When
        atOnce.clear();
        wal.objects.puts(_ -> {
            atOnce.add(wal.objects.transports() + 1);
            return Script.succeeds();
        });
        wal.advanceMs(10_000);
        // Then
        assertThat(orders.highWatermark()).isEqualTo(20);
        assertThat(atOnce).startsWith(1, 1).contains(4).allMatch(transports -> transports <= 4);
    }

    @Test
    void duringAnOutageTheOpenObjectGrowsInsteadOfManySmallOnesQueueing() {
        var wal = WalHarness.started(WalHarness.UNLIMITED);
        wal.objects.puts(_ -> Script.fails(Kind.UNAVAILABLE));
        for (int i = 0; i < 100; i++) {
            orders.append(wal.writer());
            wal.advanceMs(100);
        }
        wal.objects.puts(_ -> Script.succeeds());
        // When
        wal.advanceMs(10_000);
        // Then
        assertThat(orders.highWatermark()).isEqualTo(100);
        assertThat(wal.committed).hasSize(2);
    }

    @Test
    void aClosedStoreEndsTheStream() {
        var wal = WalHarness.started(WalHarness.UNLIMITED);
        wal.objects.puts(_ -> Script.fails(Kind.CLOSED));
        // When
        orders.append(wal.writer());
        wal.advanceMs(100);
        // Then
        assertThat(wal.fenced).isNotNull();
        assertThat(wal.fenced.kind()).isEqualTo(LogException.Kind.CLOSED);
        assertThat(wal.writer().buffer().used()).isZero();
    }
}
