package io.kafscale.log.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.format.RecordBatchView;
import io.kafscale.log.LogException;
import io.kafscale.objectstore.StorageException;
import io.kafscale.objectstore.StorageException.Kind;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class StreamReaderTest {
    private final TestOwner orders = new TestOwner(0);
    private final TestOwner payments = new TestOwner(1);

    private WalHarness withObjects(int objects, WalSettings settings) {
        var wal = WalHarness.started(settings);
        for (int i = 0; i < objects; i++) {
            orders.append(wal.writer());
            payments.append(wal.writer());
            wal.advanceMs(20);
        }
        wal.objects.requests().clear();
        return wal;
    }

    private static List<ChunkRef> chunks(WalHarness wal, long seal, long from) {
        return wal.await(new StreamReader(wal.store).chunks(WalHarness.STREAM, seal, from, _ -> true));
    }

    @Test
    void theFootersSayWhatTheOwnersWereTold() {
        var wal = withObjects(200, WalHarness.UNLIMITED);
        // When
        var chunks = chunks(wal, 201, 0);
        // Then
        assertThat(chunks).hasSize(400);
        assertThat(chunks.stream().filter(c -> c.chunk().partition() == 0))
                .containsExactlyElementsOf(orders.committed());
        assertThat(chunks.stream().filter(c -> c.chunk().partition() == 1))
                .containsExactlyElementsOf(payments.committed());
    }

    @Test
    void fewFootersAreRead() {
        var wal = withObjects(200, WalHarness.UNLIMITED);
        chunks(wal, 201, 0);
        // 0, 64, 128, 192 and the eight behind the last of these
        assertThat(wal.objects.requests()).hasSize(12);
        wal.objects.requests().clear();
        assertThat(chunks(wal, 201, 100))
                .hasSize(202)
                .extracting(ChunkRef::sequence)
                .startsWith(100L, 100L, 101L);
        assertThat(wal.objects.requests()).hasSize(10);
        wal.objects.requests().clear();
        assertThat(chunks(wal, 201, 201)).isEmpty();
        assertThat(wal.objects.requests()).isEmpty();
    }

    @Test
    void whereDirectoriesWereTooLargeToRepeatTheObjectsThemselvesAreRead() {
        var s = WalHarness.UNLIMITED;
        var wal = withObjects(
                130,
                new WalSettings(
                        s.flushRatePerSecond(),
                        s.flushBurst(),
                        s.flushBytes(),
                        s.bufferBytes(),
                        s.maxInFlight(),
                        s.retry(),
                        s.attemptTimeout(),
                        s.hedgeAfter(),
                        s.collectGrace(),
                        5_000));
        // When
        var chunks = chunks(wal, 131, 0);
        // Then
        assertThat(chunks).hasSize(260);
        assertThat(wal.objects.requests().size()).isBetween(100, 128);
    }

    @Test
    void aFooterLongerThanTheFirstGuessTakesOneMoreRequest() {
        var wal = WalHarness.started(WalHarness.UNLIMITED);
        for (int i = 0; i < 3_000; i++) {
            orders.append(wal.writer(), 10);
        }
        wal.advanceMs(20);
        wal.objects.requests().clear();
        // When
        var chunks = chunks(wal, 2, 0);
        // Then
        assertThat(chunks)
                .singleElement()
                .satisfies(c -> assertThat(c.chunk().batches()).hasSize(3_000));
        assertThat(wal.objects.requests()).hasSize(3);
    }

    @Test
    void aMissingObjectIsNamed() {
        var wal = withObjects(5, WalHarness.UNLIMITED);
        wal.objects.objects().remove(wal.key(3));
        assertThatThrownBy(() -> chunks(wal, 6, 0)).cause().isInstanceOfSatisfying(LogException.class, damage -> {
            assertThat(damage.kind()).isEqualTo(LogException.Kind.CORRUPT);
            assertThat(damage).hasMessageContaining("WAL object 3 of stream 7-1 is missing");
        });
    }

    @Test
    void aSealInTheMiddleIsNamed() {
        var wal = withObjects(5, WalHarness.UNLIMITED);
        wal.await(wal.writer().seal());
        assertThatThrownBy(() -> chunks(wal, 7, 0))
                .cause()
                .hasMessageContaining("WAL object 6 of stream 7-1 is a seal");
    }

    @Test
    void aDamagedObjectIsNamed() {
        var wal = withObjects(5, WalHarness.UNLIMITED);
        byte[] bytes = wal.objects.objects().get(wal.key(3));
        assertThat(bytes).isNotNull();
        bytes[bytes.length - 40] ^= 1;
        assertThatThrownBy(() -> chunks(wal, 6, 0)).cause().isInstanceOfSatisfying(LogException.class, damage -> {
            assertThat(damage.kind()).isEqualTo(LogException.Kind.CORRUPT);
            assertThat(damage).hasMessageContaining(wal.key(3));
        });
    }

    @Test
    void anObjectUnderAnothersKeyIsDamage() {
        var wal = withObjects(5, WalHarness.UNLIMITED);
        byte[] bytes = wal.objects.objects().get(wal.key(3));
        assertThat(bytes).isNotNull();
        wal.objects.objects().put(wal.key(2), bytes);
        assertThatThrownBy(() -> chunks(wal, 6, 0)).cause().hasMessageContaining(wal.key(2));
    }

    @Test
    void anObjectThatCannotBeReadFailsTheReadWithTheStoresWords() {
        var wal = withObjects(5, WalHarness.UNLIMITED);
        wal.objects.reads(read -> read.key().equals(wal.key(3)) ? Kind.UNAVAILABLE : null);
        assertThatThrownBy(() -> chunks(wal, 6, 0)).hasCauseInstanceOf(StorageException.class);
    }

    @Test
    void aWholeObjectHoldsItsChunksWhereTheFooterSays() {
        var wal = withObjects(3, WalHarness.UNLIMITED);
        var reader = new StreamReader(wal.store);
        // When
        var whole = wal.await(reader.object(WalHarness.STREAM, 2));
        // Then
        var chunk = payments.committed().get(1).chunk();
        var bytes = chunk.bytesIn(whole);
        assertThat(chunk.crcMatches(bytes)).isTrue();
        assertThat(RecordBatchView.at(bytes, 0, "batch").baseOffset()).isEqualTo(1);
        assertThat(wal.objects.requests()).hasSize(1);
    }

    @Test
    void aWholeObjectWithAFlippedBitAnywhereIsDamage() {
        var wal = withObjects(1, WalHarness.UNLIMITED);
        byte[] intact = wal.objects.objects().get(wal.key(1));
        assertThat(intact).isNotNull();
        var reader = new StreamReader(wal.store);
        LongStream.range(0, intact.length).forEach(position -> {
            byte[] flipped = intact.clone();
            flipped[(int) position] ^= 0x10;
            wal.objects.objects().put(wal.key(1), flipped);
            var read = reader.object(WalHarness.STREAM, 1);
            wal.advanceMs(10);
            assertThat(read).as("bit at %d", position).isCompletedExceptionally();
            assertThatThrownBy(read::join).hasCauseInstanceOf(LogException.class);
        });
    }

    @Test
    void aWholeObjectThatIsGoneIsNotFound() {
        var wal = withObjects(1, WalHarness.UNLIMITED);
        assertThatThrownBy(() -> wal.await(new StreamReader(wal.store).object(WalHarness.STREAM, 9)))
                .cause()
                .isInstanceOfSatisfying(
                        StorageException.class, gone -> assertThat(gone.kind()).isEqualTo(Kind.NOT_FOUND));
    }
}
