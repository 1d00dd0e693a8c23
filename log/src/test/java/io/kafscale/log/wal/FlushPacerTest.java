package io.kafscale.log.wal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FlushPacerTest {
    @Test
    void anIdleWriterAsksNothingOfTheStoreAndHasNoTimers() {
        var wal = WalHarness.started(WalHarness.paced(4));
        var owner = new TestOwner(0);
        owner.append(wal.writer());
        wal.advanceMs(60_000);
        wal.objects.requests().clear();
        // When
        wal.advanceMs(60_000);
        // Then
        assertThat(wal.objects.requests()).isEmpty();
        assertThat(wal.time.pending()).isZero();
    }

    @Test
    void sparseTrafficSeesTheBareLatencyOfAPut() {
        var wal = WalHarness.started(WalHarness.paced(4));
        var owner = new TestOwner(0);
        for (int i = 1; i <= 20; i++) {
            // When
            owner.append(wal.writer());
            wal.advanceMs(20);
            // Then
            assertThat(owner.highWatermark()).isEqualTo(i);
            wal.advanceMs(480);
        }
    }

    @Test
    void denseTrafficPaysWhatTheRateSaysHoweverManyPartitionsAreBusy() {
        int ten = putsIn(10, 10);
        int thousand = putsIn(10, 1000);
        assertThat(ten).isBetween(10 * 4 - 1, 10 * 4 + 2);
        assertThat(thousand).isEqualTo(ten);
    }

    private static int putsIn(int seconds, int partitions) {
        var wal = WalHarness.started(WalHarness.paced(4));
        var owners = IntStream.range(0, partitions).mapToObj(TestOwner::new).toList();
        for (int ms = 0; ms < seconds * 1000; ms += 100) {
            owners.forEach(owner -> owner.append(wal.writer(), 10));
            wal.advanceMs(100);
        }
        int puts = wal.putSequences().size();
        wal.advanceMs(1_000);
        owners.forEach(owner -> assertThat(owner.highWatermark()).isEqualTo(owner.logEnd()));
        return puts;
    }

    @Test
    void aFullObjectIsSentWithoutATokenAndOwesNone() {
        var s = WalHarness.paced(1);
        var settings = new WalSettings(
                1,
                2,
                2_000,
                s.bufferBytes(),
                s.maxInFlight(),
                s.retry(),
                s.attemptTimeout(),
                s.hedgeAfter(),
                s.collectGrace(),
                s.directoryBytes());
        var wal = WalHarness.started(settings);
        var owner = new TestOwner(0);
        // When
        for (int i = 0; i < 100; i++) {
            owner.append(wal.writer(), 2_000);
            wal.advanceMs(10);
        }
        // Then
        assertThat(wal.putSequences()).hasSize(100);
        // When
        wal.advanceMs(2_000);
        owner.append(wal.writer(), 10);
        wal.advanceMs(20);
        // Then
        assertThat(owner.highWatermark()).isEqualTo(101);
    }

    @Test
    void withoutARateTheStoresLatencyMakesTheBatches() {
        var wal = WalHarness.started(WalHarness.UNLIMITED);
        var owner = new TestOwner(0);
        for (int i = 0; i < 1_000; i++) {
            owner.append(wal.writer(), 10);
            wal.advanceMs(1);
        }
        wal.advanceMs(100);
        assertThat(owner.highWatermark()).isEqualTo(1_000);
        assertThat(wal.objects.mostTransports()).isEqualTo(1);
        assertThat(wal.putSequences().size()).isBetween(1_000 / 22, 1_000 / 18);
    }

    @Test
    void aSlowStoresLatencyIsNotWaitedForTwice() {
        var wal = WalHarness.started(WalHarness.UNLIMITED);
        wal.objects.puts(_ -> ScriptedStore.Script.after(Duration.ofMillis(100)));
        var owner = new TestOwner(0);
        owner.append(wal.writer(), 10);
        wal.advanceMs(30);
        // When
        owner.append(wal.writer(), 10);
        wal.advanceMs(100);
        // Then
        assertThat(owner.highWatermark()).isEqualTo(2);
    }

    @Test
    void fullObjectsGoSideBySide() {
        var wal = WalHarness.started(WalHarness.small(2_000, 8));
        var owner = new TestOwner(0);
        // When
        for (int i = 0; i < 8; i++) {
            owner.append(wal.writer(), 2_000);
        }
        wal.advanceMs(1);
        // Then
        assertThat(wal.objects.mostTransports()).isEqualTo(8);
    }

    @Test
    void thoseAnsweredTogetherComeBackIntoOneObject() {
        var wal = WalHarness.started(WalHarness.UNLIMITED);
        var owner = new TestOwner(0);
        answer(wal, owner, 5);
        wal.objects.requests().clear();
        // When
        for (int i = 0; i < 5; i++) {
            owner.append(wal.writer(), 10);
            wal.time.advance(Duration.ofNanos(300_000));
        }
        // Then
        assertThat(wal.putSequences()).hasSize(1);
        wal.advanceMs(100);
        assertThat(wal.putSequences()).hasSize(1);
        assertThat(owner.highWatermark()).isEqualTo(10);
        wal.advanceMs(60_000);
        assertThat(wal.time.pending()).isZero();
    }

    @Test
    void whoComesBackAloneWaitsTwoMillisecondsForTheOthersAndNoLonger() {
        var wal = WalHarness.started(WalHarness.UNLIMITED);
        var owner = new TestOwner(0);
        answer(wal, owner, 5);
        wal.objects.requests().clear();
        // When
        owner.append(wal.writer(), 10);
        wal.time.advance(Duration.ofNanos(1_900_000));
        assertThat(wal.putSequences()).isEmpty();
        wal.time.advance(Duration.ofNanos(200_000));
        // Then
        assertThat(wal.putSequences()).hasSize(1);
    }

    @Test
    void anObjectIsHeldOpenOnceHoweverManyAnswersFollow() {
        var gathering = new Gathering(false);
        gathering.answered(5, 0);
        // When
        gathering.answered(7, 1_500_000);
        // Then
        assertThat(gathering.nanosLeft(1_500_000)).isEqualTo(500_000);
        assertThat(gathering.nanosLeft(2_000_000)).isZero();
    }

    /** Appends so many times before one flush and stops at the moment they are all durable. */
    private static void answer(WalHarness wal, TestOwner owner, int appends) {
        for (int i = 0; i < appends; i++) {
            owner.append(wal.writer(), 10);
        }
        while (owner.highWatermark() < appends) {
            wal.time.advance(Duration.ofNanos(10_000));
        }
    }

    @Test
    void tokensRefillUpToTheBurst() {
        var bucket = new TokenBucket(10, 2, 0);
        assertThat(bucket.tryTake(0)).isTrue();
        assertThat(bucket.tryTake(0)).isTrue();
        assertThat(bucket.tryTake(0)).isFalse();
        long wait = bucket.nanosUntilToken(0);
        assertThat(wait).isBetween(100_000_000L, 100_000_010L);
        assertThat(bucket.tryTake(wait - 100)).isFalse();
        assertThat(bucket.tryTake(wait)).isTrue();
        assertThat(bucket.nanosUntilToken(60_000_000_000L)).isZero();
        assertThat(bucket.tryTake(60_000_000_000L)).isTrue();
        assertThat(bucket.tryTake(60_000_000_000L)).isTrue();
        assertThat(bucket.tryTake(60_000_000_000L)).isFalse();
    }
}
