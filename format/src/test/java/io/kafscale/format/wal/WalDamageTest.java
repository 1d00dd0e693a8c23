package io.kafscale.format.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.Crc32c;
import io.kafscale.format.Damage;
import io.kafscale.format.RandomBatches;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WalDamageTest {
    private static final int TRAILER = 12;

    private final WalObjectReader reader = new WalObjectReader();

    static Stream<WalObject> everyKind() {
        return Stream.of(WalSamples.genesis(), WalSamples.data(), WalSamples.consolidated(), WalSamples.seal());
    }

    private void read(ByteBuffer whole) {
        reader.parse(whole, Damage.NAME);
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void everyFlippedBitIsSeen(WalObject object) {
        assertThat(Damage.unseenFlips(WalSamples.bytes(object), this::read)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void everyCutAndTearIsSeen(WalObject object) {
        assertThat(Damage.unseenCuts(WalSamples.bytes(object), this::read)).isEmpty();
        assertThat(Damage.unseenTears(WalSamples.bytes(object), this::read)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void aFlippedBitOfTheFooterIsSeenInTheTailAlone(WalObject object) {
        var whole = WalSamples.bytes(object);
        var tail = tailOf(whole, object);
        assertThat(Damage.unseenFlips(tail, bytes -> readTail(bytes, whole.limit())))
                .isEmpty();
    }

    /** A guess that is too short is answered with the length to read; reading that must show the damage. */
    private void readTail(ByteBuffer tail, int objectLength) {
        if (reader.parseTail(tail, objectLength, Damage.NAME) instanceof WalTail.Incomplete(int tailBytes)) {
            assertThat(tailBytes).isLessThanOrEqualTo(objectLength);
            throw new CorruptObjectException("more than there is of it", Damage.NAME, 0);
        }
    }

    private static ByteBuffer tailOf(ByteBuffer whole, WalObject object) {
        int footer = object.buffers().getLast().remaining();
        return whole.slice(whole.limit() - footer, footer);
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void noLengthInAFooterIsBelieved(WalObject object) {
        var whole = WalSamples.bytes(object);
        int footerBytes = object.buffers().getLast().remaining() - TRAILER;
        Damage.claimHugeLengths(whole, bytes -> mendFooter(bytes, footerBytes), this::read);
        Damage.claimHugeLengths(
                tailOf(whole, object),
                bytes -> mendFooter(bytes, footerBytes),
                bytes -> reader.parseTail(bytes, whole.limit(), Damage.NAME));
    }

    private static void mendFooter(ByteBuffer bytes, int footerBytes) {
        int end = bytes.limit() - TRAILER;
        bytes.putInt(end + 4, Crc32c.of(bytes, end - footerBytes, footerBytes + 4));
    }

    @Test
    void aLongerObjectOrFooterThanTheLimitsAllowIsRefused() {
        var whole = WalSamples.bytes(WalSamples.data());
        var shortObjects = new WalObjectReader(new WalLimits(whole.limit() - 1, 1 << 20));
        var shortFooters = new WalObjectReader(new WalLimits(1 << 20, 100));
        for (WalObjectReader strict : List.of(shortObjects, shortFooters)) {
            assertThatExceptionOfType(CorruptObjectException.class).isThrownBy(() -> strict.parse(whole, Damage.NAME));
        }
    }

    @Test
    void aHeaderInFrontOfTheFooterOfAnotherObjectIsSeen() {
        var object = WalSamples.data();
        var mixed = WalSamples.bytes(object);
        var other = object.header();
        mixed.put(
                0,
                RandomBatches.bytes(new WalHeader(
                                other.kind(),
                                other.stream(),
                                other.sequence(),
                                other.nonce() + 1,
                                other.trimPosition(),
                                other.commitPosition())
                        .encode()));
        assertThatExceptionOfType(CorruptObjectException.class)
                .isThrownBy(() -> read(mixed))
                .withMessageContaining("different objects");
    }

    @Test
    void damageToOneChunkCostsThatChunkOnly() {
        var object = WalSamples.data();
        var whole = WalSamples.bytes(object);
        var chunks = ((WalData) object.footer()).chunks();
        int inSecond = chunks.get(1).position() + 61;
        whole.put(inSecond, (byte) ~whole.get(inSecond));

        assertThat(reader.chunkBytes(whole, chunks.get(0), Damage.NAME).remaining())
                .isEqualTo(chunks.get(0).length());
        assertThat(reader.chunkBytes(whole, chunks.get(2), Damage.NAME).remaining())
                .isEqualTo(chunks.get(2).length());
        assertThatExceptionOfType(CorruptObjectException.class)
                .isThrownBy(() -> reader.chunkBytes(whole, chunks.get(1), Damage.NAME))
                .satisfies(e -> assertThat(e.position()).isEqualTo(chunks.get(1).position()));
        assertThatExceptionOfType(CorruptObjectException.class)
                .isThrownBy(() -> reader.chunkBytes(whole.slice(0, inSecond), chunks.get(1), Damage.NAME));
    }
}
