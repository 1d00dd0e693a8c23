package io.kafscale.log.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.format.StreamId;
import io.kafscale.format.wal.WalHeader;
import io.kafscale.format.wal.WalObjectReader;
import io.kafscale.format.wal.WalSeal;
import io.kafscale.log.LogException;
import io.kafscale.log.wal.ScriptedStore.Script;
import io.kafscale.objectstore.StorageException;
import io.kafscale.objectstore.StorageException.Kind;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class StreamSealerTest {
    private TestOwner orders = new TestOwner(0);

    private static CompletableFuture<SealedStream> seal(WalHarness wal) {
        return new StreamSealer(wal.store, wal.settings, WalHarness.SUCCESSOR).seal(WalHarness.STREAM);
    }

    private WalHarness withObjects(int objects) {
        var wal = WalHarness.started(WalHarness.UNLIMITED);
        orders = new TestOwner(0);
        for (int i = 0; i < objects; i++) {
            orders.append(wal.writer());
            wal.advanceMs(20);
        }
        wal.objects.requests().clear();
        return wal;
    }

    private static WalHeader header(WalHarness wal, long sequence) {
        byte[] bytes = wal.objects.objects().get(wal.key(sequence));
        assertThat(bytes).isNotNull();
        return new WalObjectReader().parse(ByteBuffer.wrap(bytes), "object").header();
    }

    @Test
    void theSealTakesTheFirstMissingSequence() {
        var wal = withObjects(5);
        // When
        var sealed = wal.await(seal(wal));
        // Then
        assertThat(sealed).isEqualTo(new SealedStream(WalHarness.STREAM, 6, 1));
        assertThat(header(wal, 6).kind()).isEqualTo(WalHeader.Kind.SEAL);
        byte[] bytes = wal.objects.objects().get(wal.key(6));
        assertThat(bytes).isNotNull();
        assertThat(((WalSeal) new WalObjectReader().parse(ByteBuffer.wrap(bytes), "seal")).sealer())
                .isEqualTo(WalHarness.SUCCESSOR);
    }

    @Test
    void itsCostDependsOnWhatWasInFlightAndOnNothingElse() {
        var few = withObjects(5);
        few.await(seal(few));
        var many = withObjects(1_500);
        many.await(seal(many));
        // 1,500 objects fill two pages of the first listing
        assertThat(few.objects.requests())
                .extracting(ScriptedStore.Request::operation)
                .containsExactly("list", "range", "put", "list");
        assertThat(many.objects.requests())
                .extracting(ScriptedStore.Request::operation)
                .containsExactly("list", "list", "range", "put", "list");
    }

    @Test
    void sealingAgainFindsTheSameEnd() {
        var wal = withObjects(5);
        var first = wal.await(seal(wal));
        wal.objects.requests().clear();
        // When
        var second = wal.await(seal(wal));
        // Then
        assertThat(second).isEqualTo(first);
        assertThat(wal.objects.requests("put")).isEmpty();
    }

    @Test
    void aStreamThatItsWriterSealedHasEndedThere() {
        var wal = withObjects(3);
        long end = wal.await(wal.writer().seal());
        wal.objects.requests().clear();
        // When
        var sealed = wal.await(seal(wal));
        // Then
        assertThat(sealed.sealSequence()).isEqualTo(end);
        assertThat(wal.objects.requests("put")).isEmpty();
    }

    @Test
    void aStreamWithoutAnyObjectIsSealedBeforeItsGenesis() {
        var wal = new WalHarness(WalHarness.UNLIMITED);
        // When
        var sealed = wal.await(seal(wal));
        // Then
        assertThat(sealed.sealSequence()).isZero();
        assertThat(wal.await(wal.create(WalHarness.STREAM))).isEmpty();
    }

    @Test
    void aHoleInFlightIsTheEndAndWhatLiesBehindItDoesNotCount() {
        var wal = WalHarness.started(WalHarness.small(1, 8));
        wal.objects.puts(put -> put.key().equals(wal.key(3)) ? Script.neverAnswers(null) : Script.succeeds());
        for (int i = 0; i < 6; i++) {
            orders.append(wal.writer());
        }
        wal.advanceMs(100);
        wal.objects.puts(_ -> Script.succeeds());
        // When
        var sealed = wal.await(seal(wal));
        wal.advanceMs(60_000);
        // Then
        assertThat(sealed.sealSequence()).isEqualTo(3);
        assertThat(wal.await(seal(wal))).isEqualTo(sealed);
        assertThat(orders.highWatermark()).isEqualTo(2);
        assertThat(wal.fenced).isNotNull();
        var behind = new StreamReader(wal.store).chunks(WalHarness.STREAM, 3, 0, _ -> true);
        assertThat(wal.await(behind)).extracting(ChunkRef::sequence).containsExactly(1L, 2L);
    }

    @Test
    void theWriterThatWasFirstPushesTheSealOn() {
        var wal = withObjects(2);
        wal.objects.puts(put ->
                Script.after(Duration.ofMillis(put.key().equals(wal.key(3)) && put.attempt() == 1 ? 40 : 20)));
        var sealing = seal(wal);
        wal.advanceMs(5);
        // When
        orders.append(wal.writer());
        var sealed = wal.await(sealing);
        // Then
        assertThat(sealed.sealSequence()).isIn(3L, 4L);
        assertThat(orders.highWatermark()).isEqualTo(sealed.sealSequence() - 1);
    }

    @Test
    void aWriterThatIsFarAheadIsCaughtUpWithAtOnce() {
        // Given a sealer that has listed two objects, and a writer that writes fifty more before it tries to seal
        var wal = withObjects(2);
        wal.objects.readLatency(Duration.ofSeconds(2));
        var sealing = seal(wal);
        wal.advanceMs(2_500);
        for (int i = 0; i < 50; i++) {
            orders.append(wal.writer());
            wal.advanceMs(20);
        }
        wal.objects.readLatency(Duration.ofMillis(5));
        // When
        var sealed = wal.await(sealing);
        // Then
        assertThat(sealed.sealSequence()).isEqualTo(53);
        assertThat(wal.objects.requests("put")).hasSize(50 + 2);
    }

    @Test
    void noSealGoesWhereAListingFromLongAgoShowedRoom() {
        // Given objects that may be deleted soon after somebody else has sealed them, and a store that is slow for a
        // while
        var usual = WalHarness.UNLIMITED;
        var wal = WalHarness.started(new WalSettings(
                usual.flushRatePerSecond(),
                usual.flushBurst(),
                usual.flushBytes(),
                usual.bufferBytes(),
                usual.maxInFlight(),
                usual.retry(),
                usual.attemptTimeout(),
                usual.hedgeAfter(),
                Duration.ofSeconds(1),
                usual.directoryBytes()));
        wal.objects.readLatency(Duration.ofMillis(600));
        var sealing = seal(wal);
        wal.advanceMs(1_300);
        // When
        assertThat(wal.objects.requests("put")).isEmpty();
        wal.objects.readLatency(Duration.ofMillis(5));
        wal.await(sealing);
        // Then
        assertThat(wal.objects.requests())
                .extracting(ScriptedStore.Request::operation)
                .containsExactly("list", "range", "list", "put", "list");
    }

    @Test
    void beforeItMaySealItReadsAndWritesNothing() {
        // Given
        var wal = withObjects(4);
        var permission = new CompletableFuture<Void>();
        var sealing =
                new StreamSealer(wal.store, wal.settings, WalHarness.SUCCESSOR).seal(WalHarness.STREAM, permission);
        wal.advanceMs(1_000);
        assertThat(sealing).isNotDone();
        assertThat(wal.objects.requests())
                .extracting(ScriptedStore.Request::operation)
                .containsExactly("list", "range");
        // When
        permission.complete(null);
        // Then
        assertThat(wal.await(sealing).sealSequence()).isEqualTo(5);
        assertThat(wal.objects.requests())
                .extracting(ScriptedStore.Request::operation)
                .containsExactly("list", "range", "put", "list");
    }

    @Test
    void whatTheWriterWroteBeforePermissionCameIsPartOfTheStream() {
        // Given
        var wal = withObjects(4);
        var permission = new CompletableFuture<Void>();
        var sealing =
                new StreamSealer(wal.store, wal.settings, WalHarness.SUCCESSOR).seal(WalHarness.STREAM, permission);
        wal.advanceMs(1_000);
        orders.append(wal.writer());
        wal.advanceMs(1_000);
        // When
        permission.complete(null);
        // Then
        assertThat(wal.await(sealing).sealSequence()).isEqualTo(6);
    }

    @Test
    void withoutPermissionThereIsNoSeal() {
        // Given
        var wal = withObjects(4);
        var permission = new CompletableFuture<Void>();
        var sealing =
                new StreamSealer(wal.store, wal.settings, WalHarness.SUCCESSOR).seal(WalHarness.STREAM, permission);
        // When
        permission.completeExceptionally(new IllegalStateException("it is alive"));
        wal.advanceMs(1_000);
        // Then
        assertThat(sealing).isCompletedExceptionally();
        assertThat(wal.objects.objects()).doesNotContainKey(wal.key(5));
    }

    @Test
    void twoSealersAgree() {
        var wal = withObjects(4);
        var one = new StreamSealer(wal.store, wal.settings, new StreamId(8, 1)).seal(WalHarness.STREAM);
        var two = new StreamSealer(wal.store, wal.settings, new StreamId(9, 1)).seal(WalHarness.STREAM);
        assertThat(wal.await(one)).isEqualTo(wal.await(two));
        assertThat(wal.objects.objects()).containsKey(wal.key(5)).doesNotContainKey(wal.key(6));
    }

    @Test
    void aSealWhoseReplyIsLostIsFoundAgain() {
        var wal = withObjects(4);
        wal.objects.puts(put -> put.attempt() == 1 ? Script.landsButFails(Kind.OUTCOME_UNKNOWN) : Script.succeeds());
        assertThat(wal.await(seal(wal)).sealSequence()).isEqualTo(5);
        assertThat(wal.objects.objects()).doesNotContainKey(wal.key(6));
    }

    @Test
    void aTrimmedPrefixIsNotTheEnd() {
        var wal = withObjects(5);
        for (long sequence = 1; sequence <= 4; sequence++) {
            wal.writer().covered(sequence);
        }
        orders.append(wal.writer());
        wal.advanceMs(120_000);
        assertThat(wal.objects.objects()).doesNotContainKey(wal.key(4)).containsKey(wal.key(5));
        // When
        var sealed = wal.await(seal(wal));
        // Then
        assertThat(sealed).isEqualTo(new SealedStream(WalHarness.STREAM, 7, 5));
    }

    @Test
    void aHoleAboveTheTrimPositionIsDamage() {
        var wal = withObjects(10);
        wal.objects.objects().remove(wal.key(4));
        // When
        var sealing = seal(wal);
        // Then
        assertThatThrownBy(() -> wal.await(sealing)).cause().isInstanceOfSatisfying(LogException.class, damage -> {
            assertThat(damage.kind()).isEqualTo(LogException.Kind.CORRUPT);
            assertThat(damage).hasMessageContaining("4 of stream 7-1").hasMessageContaining(wal.key(4));
        });
        assertThat(wal.objects.requests("put")).isEmpty();
    }

    @Test
    void aSealAboveTheTrimPositionAndBelowTheCommitPositionIsDamage() {
        var wal = withObjects(10);
        byte[] seal = bytes(
                new WalSeal(new WalHeader(WalHeader.Kind.SEAL, WalHarness.STREAM, 4, 99, 0, 4), WalHarness.SUCCESSOR));
        wal.objects.objects().put(wal.key(4), seal);
        // When
        var sealing = seal(wal);
        // Then
        assertThatThrownBy(() -> wal.await(sealing)).cause().hasMessageContaining("is a seal");
    }

    @Test
    void aSealInTheTrimmedPrefixIsIgnored() {
        var wal = withObjects(10);
        for (long sequence = 1; sequence <= 6; sequence++) {
            wal.writer().covered(sequence);
        }
        orders.append(wal.writer());
        wal.advanceMs(120_000);
        wal.objects
                .objects()
                .put(
                        wal.key(4),
                        bytes(new WalSeal(
                                new WalHeader(WalHeader.Kind.SEAL, WalHarness.STREAM, 4, 99, 0, 4),
                                WalHarness.SUCCESSOR)));
        // When
        var sealed = wal.await(seal(wal));
        // Then
        assertThat(sealed).isEqualTo(new SealedStream(WalHarness.STREAM, 12, 7));
    }

    @Test
    void aSealThatALivingWriterHasPassedIsVoid() {
        var wal = withObjects(3);
        // The sealer looks, and its seal is slow; the writer goes on, covers and deletes the place where the seal then
        // lands.
        wal.objects.puts(put -> Script.after(
                put.key().equals(wal.key(4)) && put.attempt() == 1 ? Duration.ofMinutes(5) : ScriptedStore.LATENCY));
        var patient = new StreamSealer(wal.store, patient(wal.settings), WalHarness.SUCCESSOR);
        var sealing = patient.seal(WalHarness.STREAM);
        wal.advanceMs(50);
        for (int i = 0; i < 6; i++) {
            orders.append(wal.writer());
            wal.advanceMs(20);
        }
        for (long sequence = 1; sequence <= 7; sequence++) {
            wal.writer().covered(sequence);
        }
        orders.append(wal.writer());
        wal.advanceMs(100_000);
        assertThat(wal.objects.objects()).doesNotContainKey(wal.key(4));
        // When
        var sealed = wal.await(sealing);
        // Then
        assertThat(header(wal, 4).kind()).isEqualTo(WalHeader.Kind.SEAL);
        assertThat(sealed).isEqualTo(new SealedStream(WalHarness.STREAM, 11, 8));
        assertThat(orders.highWatermark()).isEqualTo(10);
    }

    private static WalSettings patient(WalSettings s) {
        return new WalSettings(
                s.flushRatePerSecond(),
                s.flushBurst(),
                s.flushBytes(),
                s.bufferBytes(),
                s.maxInFlight(),
                s.retry(),
                Duration.ofMinutes(10),
                s.hedgeAfter(),
                s.collectGrace(),
                s.directoryBytes());
    }

    @Test
    void aStoreThatCannotBeReadFailsTheSeal() {
        var wal = withObjects(3);
        wal.objects.reads(_ -> Kind.UNAVAILABLE);
        assertThatThrownBy(() -> wal.await(seal(wal))).hasCauseInstanceOf(StorageException.class);
    }

    private static byte[] bytes(WalSeal seal) {
        var object = seal.encode();
        byte[] bytes = new byte[object.length()];
        var into = ByteBuffer.wrap(bytes);
        object.buffers().forEach(into::put);
        return bytes;
    }
}
