package io.kafscale.log.wal;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.log.LogException;
import io.kafscale.objectstore.StorageException.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Reading a stream while it is written. */
class StreamFollowerTest {
    private final TestOwner orders = new TestOwner(0);
    private final WalHarness wal = WalHarness.started(WalHarness.UNLIMITED);
    private final StreamFollower follower = new StreamFollower(wal.store, WalHarness.STREAM, chunk -> true);
    private final List<ChunkRef> read = new ArrayList<>();
    private final List<Long> objects = new ArrayList<>();

    private void write(int objects) {
        for (int i = 0; i < objects; i++) {
            orders.append(wal.writer());
            wal.advanceMs(20);
        }
        wal.objects.requests().clear();
    }

    private List<ChunkRef> more() {
        return added(follower.more());
    }

    private List<ChunkRef> next() {
        return added(follower.next());
    }

    private List<ChunkRef> added(CompletableFuture<StreamFollower.Found> look) {
        StreamFollower.Found found = wal.await(look);
        read.addAll(found.chunks());
        objects.addAll(found.read());
        return found.chunks();
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
    void whatFollowsIsReadWithoutAListingUpToTheFirstGap() {
        write(3);
        more();
        write(20);
        byte[] late = requireNonNull(wal.objects.objects().remove(wal.key(21)));
        // When
        assertThat(next()).extracting(ChunkRef::sequence).hasSize(17).endsWith(20L);
        // Then it was asked for in two rounds, of which the second met the gap
        assertThat(wal.objects.requests("list")).isEmpty();
        assertThat(wal.objects.requests()).hasSize(8 + 16);
        wal.objects.objects().put(wal.key(21), late);
        write(1);
        assertThat(next()).extracting(ChunkRef::sequence).containsExactly(21L, 22L, 23L, 24L);
        assertThat(next()).isEmpty();
        assertThat(read)
                .usingElementComparator(Comparator.comparingLong(ChunkRef::sequence))
                .containsExactlyInAnyOrderElementsOf(orders.committed());
        assertThat(objects).hasSize(25).doesNotHaveDuplicates();
    }

    @Test
    void nobodyWaitsForWhatLiesBehindTheFirstThatIsMissing() {
        write(3);
        more();
        write(2);
        // Given requests for what is not there that take long, but for the first of them
        wal.objects.readLatency(
                request -> request.key().compareTo(wal.key(6)) > 0 ? Duration.ofSeconds(10) : ScriptedStore.LATENCY);
        // When
        var look = follower.next();
        wal.advanceMs(2 * ScriptedStore.LATENCY.toMillis());
        // Then
        assertThat(look).isDone();
        assertThat(added(look)).extracting(ChunkRef::sequence).containsExactly(4L, 5L);
        // And nothing is lost of what they say in the end
        write(3);
        assertThat(next()).extracting(ChunkRef::sequence).containsExactly(6L, 7L, 8L);
    }

    @Test
    void whatFollowsCannotBeReadWhileTheStoreFails() {
        write(2);
        more();
        write(2);
        wal.objects.reads(request -> Kind.UNAVAILABLE);
        assertThatThrownBy(this::next).isNotNull();
        wal.objects.reads(request -> null);
        assertThat(next()).hasSize(2);
    }

    @Test
    void anObjectThatIsDeletedBeforeItsFooterIsReadDoesNotCountAsRead() {
        write(5);
        for (long sequence = 1; sequence <= 3; sequence++) {
            wal.writer().covered(sequence);
        }
        write(1);
        wal.objects.reads(request -> request.key().equals(wal.key(2)) ? Kind.NOT_FOUND : null);
        more();
        assertThat(objects).contains(0L, 1L, 3L, 6L).doesNotContain(2L);
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
