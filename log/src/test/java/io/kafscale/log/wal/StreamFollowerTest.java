package io.kafscale.log.wal;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.log.LogException;
import io.kafscale.objectstore.StorageException.Kind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Reading a stream while it is written. */
class StreamFollowerTest {
    private final TestOwner orders = new TestOwner(0);
    private final WalHarness wal = WalHarness.started(WalHarness.UNLIMITED);
    private final StreamFollower follower = new StreamFollower(wal.store, WalHarness.STREAM, chunk -> true);
    private final List<ChunkRef> read = new ArrayList<>();

    private void write(int objects) {
        for (int i = 0; i < objects; i++) {
            orders.append(wal.writer());
            wal.advanceMs(20);
        }
        wal.objects.requests().clear();
    }

    private List<ChunkRef> more() {
        List<ChunkRef> fresh = wal.await(follower.more());
        read.addAll(fresh);
        return fresh;
    }

    @Test
    void eachLookReadsWhatIsNew() {
        write(200);
        more();
        // One listing; 0, 64, 128, 192 and the eight behind the last of these
        assertThat(wal.objects.requests()).hasSize(13);
        write(3);
        assertThat(more()).hasSize(3);
        assertThat(wal.objects.requests()).hasSize(4);
        wal.objects.requests().clear();
        assertThat(more()).isEmpty();
        assertThat(wal.objects.requests()).hasSize(1);
        assertThat(read).containsExactlyElementsOf(orders.committed());
    }

    @Test
    void anObjectThatLandsBehindTheNextOneIsReadLater() {
        write(5);
        byte[] late = requireNonNull(wal.objects.objects().remove(wal.key(3)));
        more();
        assertThat(read).extracting(ChunkRef::sequence).containsExactly(1L, 2L, 4L, 5L);
        // When
        wal.objects.objects().put(wal.key(3), late);
        write(1);
        // Then
        assertThat(more()).extracting(ChunkRef::sequence).containsExactly(3L, 6L);
        assertThat(wal.objects.requests()).hasSize(3);
    }

    @Test
    void aTrimmedPrefixIsNotMissed() {
        write(5);
        for (long sequence = 1; sequence <= 4; sequence++) {
            wal.writer().covered(sequence);
        }
        write(1);
        wal.advanceMs(120_000);
        assertThat(wal.objects.objects()).doesNotContainKey(wal.key(4));
        more();
        assertThat(read).extracting(ChunkRef::sequence).containsExactly(5L, 6L);
        write(1);
        assertThat(more()).extracting(ChunkRef::sequence).containsExactly(7L);
        assertThat(wal.objects.requests()).hasSize(2);
    }

    @Test
    void aLookThatFailsIsRepeatedByTheNext() {
        write(5);
        wal.objects.reads(request -> Kind.UNAVAILABLE);
        assertThatThrownBy(this::more).isNotNull();
        wal.objects.reads(request -> null);
        more();
        assertThat(read).containsExactlyElementsOf(orders.committed());
    }

    @Test
    void damageIsNamed() {
        write(3);
        byte[] torn = requireNonNull(wal.objects.objects().get(wal.key(2))).clone();
        torn[torn.length - 9] ^= 1;
        wal.objects.objects().put(wal.key(2), torn);
        assertThatThrownBy(this::more)
                .cause()
                .isInstanceOfSatisfying(
                        LogException.class, damage -> assertThat(damage.kind()).isEqualTo(LogException.Kind.CORRUPT));
    }

    @Test
    void followingLeavesTheStreamAsItIs() {
        write(3);
        more();
        assertThat(wal.objects.requests("put")).isEmpty();
        write(1);
        assertThat(orders.committed()).hasSize(4);
    }
}
