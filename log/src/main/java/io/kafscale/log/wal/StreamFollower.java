package io.kafscale.log.wal;

import io.kafscale.format.StreamId;
import io.kafscale.format.wal.WalChunk;
import io.kafscale.format.wal.WalFooter;
import io.kafscale.format.wal.WalSeal;
import io.kafscale.log.LogException;
import io.kafscale.objectstore.StorageException;
import io.kafscale.runtime.FutureFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Predicate;

/**
 * Reads a stream whose writer may be alive, a part at a time and from footers alone, and leaves it as it is. What is missing may
 * have been trimmed or not have landed yet: what was read is no proof that there is no more. Log loop only.
 */
public final class StreamFollower {
    /**
     * What a look has found.
     *
     * @param read the objects whose footers were read, or repeated by one that was
     * @param chunks what is wanted of them, in the order of the stream
     */
    public record Found(NavigableSet<Long> read, List<ChunkRef> chunks) {}

    /** So many objects that have come since the last look are found in one round trip. */
    private static final int LOOK_AHEAD = 8;

    private static final int MOST_LOOK_AHEAD = 64;

    private final StreamObjects objects;
    private final StreamId stream;
    private final Predicate<WalChunk> wanted;

    /** Objects from {@link #frontier} on that have been read: those behind one that had not landed. */
    private final NavigableSet<Long> ahead = new TreeSet<>();

    /** Everything below has been read, or trimmed before that. */
    private long frontier;

    /**
     * A follower that has read nothing.
     *
     * @param wanted which chunks to keep; asked when a footer is read
     */
    public StreamFollower(WalStore store, StreamId stream, Predicate<WalChunk> wanted) {
        this.objects = new StreamObjects(store);
        this.stream = stream;
        this.wanted = wanted;
    }

    /**
     * Reads what is there now and was not read before; one call at a time.
     *
     * @return what is new. Fails with {@link LogException} of kind CORRUPT if an object is damaged,
     *     with {@link StorageException} if the store could not be read; then the next call reads the same again
     */
    public CompletableFuture<Found> more() {
        return WalStore.unwrapped(objects.list(stream, frontier - 1).thenCompose(present -> {
            var fresh = new TreeSet<>(present.keySet());
            fresh.removeAll(ahead);
            return read(fresh, Map.of());
        }));
    }

    /**
     * Reads what follows what was read, up to the first object that is not there: in one round trip where little is new, while a listing
     * takes one more. It waits for none behind that; what lies behind a gap, as trimming leaves it, is found by {@link #more} only.
     * Fails as that does.
     */
    public CompletableFuture<Found> next() {
        return WalStore.unwrapped(followers(frontier, LOOK_AHEAD, new TreeMap<>())
                .thenCompose(found -> read(found.navigableKeySet(), found)));
    }

    private CompletableFuture<NavigableMap<Long, WalFooter>> followers(
            long first, int count, NavigableMap<Long, WalFooter> found) {
        var asked = new ArrayList<CompletableFuture<Boolean>>(count);
        for (long sequence = first; sequence < first + count; sequence++) {
            asked.add(ahead.contains(sequence) ? CompletableFuture.completedFuture(true) : ask(sequence, found));
        }
        return areThere(asked, 0)
                .thenCompose(all -> all
                        ? followers(first + count, Math.min(2 * count, MOST_LOOK_AHEAD), found)
                        : CompletableFuture.completedFuture(new TreeMap<>(found)));
    }

    /** Whether all are, from one of them on; known as soon as one is not. */
    private static CompletableFuture<Boolean> areThere(List<CompletableFuture<Boolean>> asked, int from) {
        return from == asked.size()
                ? CompletableFuture.completedFuture(true)
                : asked.get(from)
                        .thenCompose(is -> is ? areThere(asked, from + 1) : CompletableFuture.completedFuture(false));
    }

    private CompletableFuture<Boolean> ask(long sequence, Map<Long, WalFooter> found) {
        return objects.footer(stream, sequence).handle((footer, failure) -> {
            if (failure == null) {
                found.put(sequence, footer);
            } else if (!objects.isMissing(failure, stream, sequence)) {
                throw new CompletionException(FutureFailure.cause(failure));
            }
            return failure == null;
        });
    }

    private CompletableFuture<Found> read(NavigableSet<Long> sequences, Map<Long, WalFooter> known) {
        var fresh = new TreeSet<>(sequences);
        var reading = new Reading(fresh, known);
        return reading.start().thenApply(chunks -> {
            ahead.addAll(fresh);
            frontier = Math.max(frontier, reading.trimPosition);
            ahead.headSet(frontier).clear();
            while (ahead.remove(frontier)) {
                frontier++;
            }
            fresh.removeAll(reading.missing);
            return new Found(fresh, chunks);
        });
    }

    private final class Reading extends FooterReading {
        private final Map<Long, WalFooter> known;
        private final List<Long> missing = new ArrayList<>();
        private long trimPosition;

        Reading(NavigableSet<Long> sequences, Map<Long, WalFooter> known) {
            super(objects, StreamFollower.this.stream, sequences, wanted);
            this.known = known;
        }

        @Override
        CompletableFuture<WalFooter> read(long sequence) {
            WalFooter footer = known.get(sequence);
            return footer == null ? super.read(sequence) : CompletableFuture.completedFuture(footer);
        }

        @Override
        void missing(long sequence) {
            // It was listed, so it has been deleted since: covered, and needed by nobody.
            missing.add(sequence);
        }

        @Override
        void seal(WalSeal seal) {
            // Whatever lies behind it was never acknowledged, and no closed tenure reaches there.
        }

        @Override
        void footer(WalFooter footer) {
            trimPosition = Math.max(trimPosition, footer.header().trimPosition());
        }
    }
}
