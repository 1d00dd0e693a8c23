package io.kafscale.format.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.Crc32c;
import io.kafscale.format.Damage;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SegmentDamageTest {
    /** {@code .kfs}: when it was created, which nothing covers and nobody relies on. */
    private static final List<Integer> CREATED = range(20, 28);

    /** Plain {@code .index}: interval, and of each entry offset and position, where they still ascend. */
    private static final List<Integer> UNCOVERED_IN_PLAIN_INDEX = IntStream.concat(
                    IntStream.range(10, 14), IntStream.range(16, 16 + 2 * SegmentIndex.ENTRY_BYTES))
            .boxed()
            .toList();

    private final ByteBuffer kfs = SegmentSamples.bytes();
    private final ByteBuffer index = SegmentSamples.index().encode();
    private final ByteBuffer plainIndex =
            SegmentSamples.index().withoutExtension().encode();

    private static List<Integer> range(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }

    private static void readFile(ByteBuffer bytes) {
        SegmentFile.parse(bytes, Damage.NAME);
    }

    private static void readIndex(ByteBuffer bytes) {
        SegmentIndex.parse(bytes, Damage.NAME);
    }

    @Test
    void everyFlippedBitOfADataFileIsSeen() {
        assertThat(Damage.unseenFlips(kfs, SegmentDamageTest::readFile)).containsExactlyElementsOf(CREATED);
    }

    @Test
    void everyCutAndTearOfADataFileIsSeen() {
        assertThat(Damage.unseenCuts(kfs, SegmentDamageTest::readFile)).isEmpty();
        assertThat(Damage.unseenTears(kfs, SegmentDamageTest::readFile)).isEmpty();
    }

    @Test
    void aDataFileThatGoesOnBehindItsFooterIsSeen() {
        var longer = ByteBuffer.allocate(kfs.limit() + 1).put(kfs).clear();
        assertThatExceptionOfType(CorruptObjectException.class).isThrownBy(() -> readFile(longer));
    }

    @Test
    void everyFlippedBitOfAnIndexWithExtensionIsSeenInItsEntriesToo() {
        assertThat(Damage.unseenFlips(index, SegmentDamageTest::readIndex)).isEmpty();
    }

    @Test
    void aCutOfAnIndexIsSeenUnlessItLeavesAWholePlainIndex() {
        assertThat(Damage.unseenCuts(index, SegmentDamageTest::readIndex)).containsExactly(plainIndex.limit());
        assertThat(Damage.unseenTears(index, SegmentDamageTest::readIndex)).isEmpty();
        var cut = SegmentIndex.parse(index.slice(0, plainIndex.limit()), Damage.NAME);
        assertThat(cut.matches(SegmentSamples.file().identity(SegmentSamples.TOPIC_ID, SegmentSamples.PARTITION)))
                .as("and then it is known to be of no file")
                .isFalse();
    }

    @Test
    void aPlainIndexShowsDamageInAllButTheNumbersThatNothingCovers() {
        assertThat(UNCOVERED_IN_PLAIN_INDEX).containsAll(Damage.unseenFlips(plainIndex, SegmentDamageTest::readIndex));
        assertThat(Damage.unseenCuts(plainIndex, SegmentDamageTest::readIndex)).isEmpty();
        assertThat(Damage.unseenTears(plainIndex, SegmentDamageTest::readIndex)).isEmpty();
    }

    @Test
    void noLengthInAnIndexIsBelieved() {
        Damage.claimHugeLengths(plainIndex, _ -> {}, SegmentDamageTest::readIndex);
        Damage.claimHugeLengths(
                index, bytes -> IndexBytes.fixChecksum(bytes, plainIndex.limit()), SegmentDamageTest::readIndex);
    }

    @Test
    void noLengthInADataFileIsBelieved() {
        int footer = kfs.limit() - SegmentFooter.BYTES;
        Damage.claimHugeLengths(
                kfs,
                bytes -> bytes.putInt(footer, Crc32c.of(bytes, SegmentHeader.BYTES, footer - SegmentHeader.BYTES)),
                SegmentDamageTest::readFile);
    }
}
