package io.kafscale.log.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.format.StreamId;
import io.kafscale.format.wal.ChunkKey;
import io.kafscale.format.wal.WalBatch;
import io.kafscale.format.wal.WalChunk;
import io.kafscale.log.LogException;
import io.kafscale.log.wal.ChunkRef;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.PartitionRecord;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which of the chunks that are found count. */
class InheritedChunksTest {
    private static final UUID TOPIC = new UUID(1, 2);
    private static final BrokerIncarnation OLD = new BrokerIncarnation(1, 10);
    private static final BrokerIncarnation NEW = new BrokerIncarnation(2, 11);

    /** Epoch 0 in the old stream up to 10, epoch 1 in the new one up to 20. */
    private static final PartitionRecord HANDED_OVER =
            PartitionRecord.first(TOPIC, 0, OLD).release(10).acquire(NEW).release(20);

    private static ChunkRef chunk(BrokerIncarnation stream, int epoch, long base, long last) {
        return new ChunkRef(
                new StreamId(stream.brokerId(), stream.brokerEpoch()),
                base + 1,
                new WalChunk(
                        new ChunkKey(TOPIC, "orders", 0, epoch),
                        64,
                        100,
                        0,
                        List.of(new WalBatch(64, 100, base, last, -1, -1, (short) -1, -1, (int) (last - base + 1)))));
    }

    @Test
    void chunksInsideOfATenureOfTheirStreamAndEpochCount() {
        // When
        var inherited = InheritedChunks.of(
                HANDED_OVER, List.of(chunk(NEW, 1, 10, 19), chunk(OLD, 0, 0, 4), chunk(OLD, 0, 5, 9)));
        // Then
        assertThat(inherited.refs()).extracting(ref -> ref.chunk().baseOffset()).containsExactly(0L, 5L, 10L);
        assertThat(inherited.endOffset()).isEqualTo(20);
    }

    @Test
    void whatAnOldLeaderLandedOutsideOfItsTenureDoesNot() {
        // Given
        var zombie = List.of(
                chunk(OLD, 0, 10, 12), // behind the end of its tenure
                chunk(OLD, 1, 10, 19), // under an epoch that is another's
                chunk(NEW, 0, 0, 9), // in another stream
                chunk(OLD, 0, 8, 11)); // across the end
        var genuine = List.of(chunk(OLD, 0, 0, 9), chunk(NEW, 1, 10, 19));
        // When
        var inherited = InheritedChunks.of(
                HANDED_OVER, Stream.concat(zombie.stream(), genuine.stream()).toList());
        // Then
        assertThat(inherited.refs()).containsExactlyElementsOf(genuine);
    }

    @Test
    void aStreamLacksWhatItsTenureHoldsAndWasNotFound() {
        var old = chunk(OLD, 0, 0, 9);
        assertThat(InheritedChunks.lacking(HANDED_OVER, List.of())).containsExactlyInAnyOrder(OLD, NEW);
        assertThat(InheritedChunks.lacking(HANDED_OVER, List.of(old, chunk(NEW, 1, 10, 14))))
                .containsExactly(NEW);
        assertThat(InheritedChunks.lacking(HANDED_OVER, List.of(old, chunk(NEW, 1, 15, 19))))
                .containsExactly(NEW);
        assertThat(InheritedChunks.lacking(HANDED_OVER, List.of(chunk(OLD, 0, 8, 9), chunk(NEW, 1, 10, 19))))
                .containsExactly(OLD);
        assertThat(InheritedChunks.lacking(HANDED_OVER, List.of(old, chunk(NEW, 1, 10, 19))))
                .isEmpty();
        // And of what segments cover nobody needs anything
        assertThat(InheritedChunks.lacking(
                        HANDED_OVER.advanceSegmentEnd(5), List.of(chunk(OLD, 0, 3, 9), chunk(NEW, 1, 10, 19))))
                .isEmpty();
    }

    @Test
    void everythingUpToTheEndOfAClosedTenureHasToBeThere() {
        // Given
        var found = List.of(chunk(OLD, 0, 0, 9), chunk(NEW, 1, 10, 14));
        // Then
        assertThat(InheritedChunks.isWhole(HANDED_OVER, found)).isFalse();
        assertThatThrownBy(() -> InheritedChunks.of(HANDED_OVER, found))
                .isInstanceOf(LogException.class)
                .hasMessageContaining("offsets 15..19");
        assertThat(InheritedChunks.isWhole(HANDED_OVER, List.of(chunk(OLD, 0, 0, 9), chunk(NEW, 1, 10, 19))))
                .isTrue();
    }
}
