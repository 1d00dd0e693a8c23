package io.kafscale.format.wal;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.Crc32c;
import io.kafscale.format.ProducerEntry;
import io.kafscale.format.ProducerEntry.BatchEntry;
import io.kafscale.format.ProducerStateBuilder;
import io.kafscale.format.ProducerStateSnapshot;
import io.kafscale.format.RandomBatches;
import io.kafscale.format.RecordBatchEncoder;
import io.kafscale.format.StreamId;
import io.kafscale.format.WalKey;
import io.kafscale.format.wal.WalHeader.Kind;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class WalObjectTest {
    private static final StreamId STREAM = new StreamId(1, 9);
    private static final ChunkKey ORDERS_0 = new ChunkKey(new UUID(1, 2), "orders", 0, 4);
    private static final ChunkKey ORDERS_1 = new ChunkKey(new UUID(1, 2), "orders", 1, 6);

    private final WalObjectReader reader = new WalObjectReader();

    private static WalHeader data(long sequence) {
        return new WalHeader(Kind.DATA, STREAM, sequence, 0x0123456789abcdefL, sequence / 2, sequence - 1);
    }

    private static ByteBuffer batch(long offset, int epoch) {
        return RecordBatchEncoder.at(offset)
                .leaderEpoch(epoch)
                .producer(5, 2, (int) offset)
                .add(1_000 + offset, null, null)
                .add(1_001 + offset, null, null)
                .encode();
    }

    @Test
    void batchesOfOnePartitionFormOneChunkInOrder() {
        var builder = new WalObjectBuilder();
        builder.append(ORDERS_0, batch(10, 4));
        builder.append(ORDERS_1, batch(70, 6));
        builder.append(ORDERS_0, RandomBatches.joined(List.of(batch(12, 4), batch(14, 4))));
        var object = builder.build(data(3), List.of());

        var footer = (WalData) reader.parse(RandomBatches.joined(object.buffers()), "wal");

        assertThat(footer).isEqualTo(object.footer());
        assertThat(footer.header()).isEqualTo(data(3));
        assertThat(footer.chunks()).extracting(WalChunk::key).containsExactly(ORDERS_0, ORDERS_1);
        var first = footer.chunks().getFirst();
        int size = batch(10, 4).limit();
        assertThat(first.position()).isEqualTo(WalHeader.BYTES);
        assertThat(first.length()).isEqualTo(3 * size);
        assertThat(first.baseOffset()).isEqualTo(10);
        assertThat(first.lastOffset()).isEqualTo(15);
        assertThat(first.batches())
                .element(1)
                .isEqualTo(new WalBatch(WalHeader.BYTES + size, size, 12, 13, 1_013, 5, (short) 2, 12, 2));
        assertThat(footer.chunks().getLast().position()).isEqualTo(first.end());
    }

    @Test
    void onePartitionUnderTwoEpochsFormsTwoChunks() {
        var newer = new ChunkKey(ORDERS_0.topicId(), "orders", 0, 5);
        var builder = new WalObjectBuilder();
        builder.append(ORDERS_0, batch(10, 4));
        builder.append(newer, batch(40, 5));
        var footer = (WalData) builder.build(data(3), List.of()).footer();
        assertThat(footer.chunks()).extracting(WalChunk::leaderEpoch).containsExactly(4, 5);
    }

    @Test
    void bytesAreSharedAndTheSameForEveryAttempt() {
        var bytes = batch(10, 4);
        var builder = new WalObjectBuilder();
        builder.append(ORDERS_0, bytes);
        var object = builder.build(data(3), List.of());

        var first = RandomBatches.joined(object.buffers());
        var second = RandomBatches.joined(object.buffers());

        assertThat(second).isEqualTo(first);
        assertThat(object.length()).isEqualTo(first.remaining());
        assertThat(object.crc()).isEqualTo(Crc32c.of(first));
        assertThat(bytes.position()).isZero();
        bytes.put(70, (byte) 99);
        assertThat(object.buffers().get(1).get(70)).as("shared").isEqualTo((byte) 99);
    }

    @Test
    void theSizeIsKnownBeforeTheObjectIsBuilt() {
        var builder = new WalObjectBuilder();
        assertThat(builder.isEmpty()).isTrue();
        builder.append(ORDERS_0, batch(10, 4));
        builder.append(ORDERS_0, batch(12, 4));
        builder.append(ORDERS_1, batch(70, 6));
        assertThat(builder.chunkCount()).isEqualTo(2);
        assertThat(builder.dataBytes()).isEqualTo(3L * batch(10, 4).limit());
        long size = builder.sizeInBytes();
        assertThat(builder.build(data(3), List.of()).length()).isEqualTo((int) size);
    }

    @Test
    void aRefusedAppendLeavesTheObjectAsItWas() {
        var builder = new WalObjectBuilder();
        builder.append(ORDERS_0, batch(10, 4));
        long size = builder.sizeInBytes();

        assertThatIllegalArgumentException().isThrownBy(() -> builder.append(ORDERS_0, batch(13, 4)));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.append(ORDERS_0, batch(12, 5)));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.append(ORDERS_1, ByteBuffer.allocate(0)));
        assertThatExceptionOfType(CorruptObjectException.class)
                .isThrownBy(() -> builder.append(ORDERS_1, batch(70, 6).limit(65)));

        assertThat(builder.sizeInBytes()).isEqualTo(size);
        assertThat(builder.chunkCount()).isEqualTo(1);
        builder.append(ORDERS_0, batch(12, 4));
        var object = builder.build(data(3), List.of());
        assertThat(reader.parse(RandomBatches.joined(object.buffers()), "wal")).isEqualTo(object.footer());
    }

    @Test
    void anObjectWithoutDataIsNotBuilt() {
        assertThatIllegalStateException().isThrownBy(() -> new WalObjectBuilder().build(data(1), List.of()));
    }

    @Test
    void theFooterIsReadFromTheTailWithAtMostOneFurtherRead() {
        var builder = new WalObjectBuilder();
        builder.append(ORDERS_0, batch(10, 4));
        builder.append(ORDERS_1, batch(70, 6));
        var object = builder.build(data(3), List.of());
        var whole = RandomBatches.joined(object.buffers());

        for (int guess = 12; guess <= whole.limit(); guess++) {
            var tail = whole.slice(whole.limit() - guess, guess);
            var found = reader.parseTail(tail, whole.limit(), "wal");
            if (found instanceof WalTail.Incomplete(int tailBytes)) {
                assertThat(tailBytes).isGreaterThan(guess).isLessThan(whole.limit());
                var longer = whole.slice(whole.limit() - tailBytes, tailBytes);
                found = reader.parseTail(longer, whole.limit(), "wal");
            }
            assertThat(found).isEqualTo(new WalTail.Complete(object.footer()));
        }
    }

    @Test
    void genesisAndSealAreReadBack() {
        var genesis = new WalGenesis(new WalHeader(Kind.GENESIS, STREAM, 0, 77, 0, 0), "clüster", 123).encode();
        var seal = new WalSeal(new WalHeader(Kind.SEAL, STREAM, 12, 78, 3, 11), new StreamId(2, 10)).encode();
        for (WalObject object : List.of(genesis, seal)) {
            var whole = RandomBatches.joined(object.buffers());
            assertThat(reader.parse(whole, "wal")).isEqualTo(object.footer());
            assertThat(reader.parseHeader(whole.slice(0, WalHeader.BYTES), "wal"))
                    .isEqualTo(object.header());
            assertThat(object.crc()).isEqualTo(Crc32c.of(whole));
        }
    }

    @Test
    void directoriesOfEarlierObjectsAreRepeated() {
        var earlier = new ArrayList<WalDirectory>(List.of(new WalDirectory(0, List.of())));
        for (int sequence = 1; sequence < 4; sequence++) {
            var builder = new WalObjectBuilder();
            builder.append(ORDERS_0, batch(10L * sequence, 4));
            var footer = (WalData) builder.build(data(sequence), List.of()).footer();
            earlier.add(new WalDirectory(sequence, footer.chunks()));
        }
        var builder = new WalObjectBuilder();
        builder.append(ORDERS_1, batch(70, 6));
        var object = builder.build(data(4), earlier);

        var footer = (WalData) reader.parse(RandomBatches.joined(object.buffers()), "wal");

        assertThat(footer.consolidated()).isEqualTo(earlier);
    }

    @Test
    void repeatedDirectoriesMustAscendBelowTheObject() {
        var builder = new WalObjectBuilder();
        builder.append(ORDERS_1, batch(70, 6));
        var three = new WalDirectory(3, List.of());
        var two = new WalDirectory(2, List.of());
        assertThatIllegalArgumentException().isThrownBy(() -> builder.build(data(3), List.of(two, three)));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.build(data(9), List.of(three, two)));
    }

    @Test
    void whereRepeatedDirectoriesAreTooLargeTheOldestAreLeftOut() {
        var batches = new ArrayList<WalBatch>();
        for (int i = 0; i < 100_000; i++) {
            batches.add(new WalBatch(56 + 61 * i, 61, i, i, 5, -1, (short) -1, -1, 1));
        }
        var large = List.of(new WalChunk(ORDERS_0, 56, 61 * batches.size(), 0, batches));
        var earlier = List.of(new WalDirectory(1, large), new WalDirectory(2, large), new WalDirectory(3, large));
        var builder = new WalObjectBuilder();
        builder.append(ORDERS_1, batch(70, 6));

        var footer = (WalData) builder.build(data(4), earlier).footer();

        assertThat(footer.consolidated()).extracting(WalDirectory::sequence).containsExactly(2L, 3L);
    }

    @Test
    void anObjectFoundAtItsKeyIsRecognised() {
        var builder = new WalObjectBuilder();
        builder.append(ORDERS_1, batch(70, 6));
        var object = builder.build(data(4), List.of());
        var whole = RandomBatches.joined(object.buffers());

        assertThat(object.fingerprint().matches(whole)).isTrue();
        assertThat(object.fingerprint().matches(RandomBatches.inside(whole, 5, 0)))
                .isTrue();
        assertThat(object.fingerprint().matches(whole.slice(0, whole.limit() - 1)))
                .isFalse();
        assertThat(object.fingerprint().matches(ByteBuffer.allocate(0))).isFalse();
        for (int i = 0; i < whole.limit(); i++) {
            whole.put(i, (byte) (whole.get(i) ^ 1));
            assertThat(object.fingerprint().matches(whole)).isFalse();
            whole.put(i, (byte) (whole.get(i) ^ 1));
        }
    }

    @Test
    void anObjectUnderAnotherKeyIsNamed() {
        data(4).requireKey(new WalKey(STREAM, 4), "wal");
        assertThatExceptionOfType(CorruptObjectException.class)
                .isThrownBy(() -> data(4).requireKey(new WalKey(STREAM, 5), "wal"));
    }

    @Test
    void aFooterIsEnoughToRebuildProducerState() {
        var builder = new WalObjectBuilder();
        builder.append(ORDERS_0, batch(10, 4));
        builder.append(ORDERS_0, batch(12, 4));
        var footer = (WalData) builder.build(data(1), List.of()).footer();

        var producers = new ProducerStateBuilder(ProducerStateSnapshot.EMPTY);
        footer.chunks().getFirst().batches().forEach(batch -> batch.replayInto(producers));

        assertThat(producers.snapshot().producers())
                .containsExactly(new ProducerEntry(
                        5,
                        (short) 2,
                        List.of(new BatchEntry(10, 11, 10, 1_011), new BatchEntry(12, 13, 12, 1_013)),
                        1_013));
    }

    @Test
    void randomObjectsAreReadBack() {
        long seed = new SplittableRandom().nextLong();
        System.out.println("seed " + seed);
        var random = new SplittableRandom(seed);
        for (int round = 0; round < 200; round++) {
            var builder = new WalObjectBuilder();
            var appended = new HashMap<ChunkKey, List<ByteBuffer>>();
            var sources = new HashMap<ChunkKey, RandomBatches>();
            for (int i = 0; i < 1 + random.nextInt(20); i++) {
                var key = new ChunkKey(new UUID(0, random.nextInt(3)), "t" + random.nextInt(2), random.nextInt(3), 1);
                var batch = sources.computeIfAbsent(key, k -> new RandomBatches(random, 5, k.leaderEpoch()))
                        .next();
                builder.append(key, batch);
                appended.computeIfAbsent(key, _ -> new ArrayList<>()).add(batch);
            }
            var object = builder.build(data(1 + random.nextInt(1_000_000)), List.of());
            var whole = RandomBatches.inside(RandomBatches.joined(object.buffers()), random.nextInt(9), 0);

            var footer = (WalData) reader.parse(whole, "wal");

            assertThat(footer).as("seed %d", seed).isEqualTo(object.footer());
            for (WalChunk chunk : footer.chunks()) {
                assertThat(reader.chunkBytes(whole, chunk, "wal"))
                        .as("seed %d", seed)
                        .isEqualTo(RandomBatches.joined(requireNonNull(appended.remove(chunk.key()))));
            }
            assertThat(appended).isEmpty();
        }
    }
}
