package io.kafscale.log.wal;

import io.kafscale.format.StreamId;
import io.kafscale.format.wal.WalChunk;
import io.kafscale.format.wal.WalFooter;
import io.kafscale.format.wal.WalSeal;
import io.kafscale.log.LogException;
import io.kafscale.objectstore.StorageException;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/**
 * Reads a stream whose writer may be alive, a part at a time and from footers alone, and leaves it as it is. What is missing may
 * have been trimmed or not have landed yet: what was read is no proof that there is no more. Log loop only.
 */
public final class StreamFollower {
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
     * @return the new chunks, in the order of the stream. Fails with {@link LogException} of kind CORRUPT if an object is damaged,
     *     with {@link StorageException} if the store could not be read; then the next call reads the same again
     */
    public CompletableFuture<List<ChunkRef>> more() {
        return WalStore.unwrapped(objects.list(stream, frontier - 1).thenCompose(present -> {
            var fresh = new TreeSet<>(present.keySet());
            fresh.removeAll(ahead);
            var reading = new Reading(fresh);
            return reading.start().thenApply(chunks -> {
                ahead.addAll(fresh);
                frontier = Math.max(frontier, reading.trimPosition);
                ahead.headSet(frontier).clear();
                while (ahead.remove(frontier)) {
                    frontier++;
                }
                return chunks;
            });
        }));
    }

    private final class Reading extends FooterReading {
        private long trimPosition;

        Reading(NavigableSet<Long> sequences) {
            super(objects, StreamFollower.this.stream, sequences, wanted);
        }

        @Override
        void missing(long sequence) {
            // It was listed, so it has been deleted since: covered, and needed by nobody.
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
