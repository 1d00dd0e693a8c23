package io.kafscale.log.engine;

import io.kafscale.log.wal.ChunkRef;
import io.kafscale.log.wal.StreamFollower;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.runtime.EventLoop;
import io.kafscale.runtime.FutureFailure;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The chunks of a stream whose writer may be alive, as far as it has been read; what comes later is added by the next look. Looks
 * that are asked for together are one. Log loop only.
 */
final class LiveStream {
    /** What a set needs for one number, about. */
    private static final long OBJECT_BYTES = 64;

    private final EventLoop loop;
    private final StreamFollower follower;
    private final Map<PartitionId, List<ChunkRef>> chunks = new HashMap<>();
    private final Set<Long> objects = new HashSet<>();
    private long heapBytes;
    private boolean read;
    private boolean listNext;
    private @Nullable CompletableFuture<Void> running;
    private @Nullable CompletableFuture<Void> next;

    LiveStream(EventLoop loop, StreamFollower follower) {
        this.loop = loop;
        this.follower = follower;
    }

    /** Reads it if that was not done before; waits for the look under way, if there is one, and asks for no other. */
    CompletableFuture<Void> read() {
        if (running != null) {
            // What that one fails with matters only to those who know nothing of the stream yet.
            return read ? running.exceptionally(_ -> null) : running;
        }
        return read ? CompletableFuture.completedFuture(null) : refresh();
    }

    /** Reads what is there now, by a look that begins after this call. */
    CompletableFuture<Void> refresh() {
        listNext = true;
        return catchUp();
    }

    /** Reads what follows what was read, if that is without a gap, and therefore sooner than {@link #refresh}. */
    CompletableFuture<Void> catchUp() {
        if (next == null) {
            next = new CompletableFuture<>();
            loop.execute(this::look);
        }
        return next;
    }

    /** Completes when the looks that have been asked for have ended. */
    CompletableFuture<Void> settled() {
        if (next != null) {
            return next;
        }
        return running != null ? running : CompletableFuture.completedFuture(null);
    }

    private void look() {
        CompletableFuture<Void> mine = next;
        if (mine == null || running != null) {
            return;
        }
        running = mine;
        next = null;
        boolean list = listNext || !read;
        listNext = false;
        (list ? follower.more() : follower.next()).whenComplete((found, failure) -> {
            running = null;
            if (failure == null) {
                objects.addAll(found.read());
                found.chunks().forEach(this::add);
                read = true;
                mine.complete(null);
            } else {
                mine.completeExceptionally(FutureFailure.cause(failure));
            }
            look();
        });
    }

    private void add(ChunkRef ref) {
        chunks.computeIfAbsent(idOf(ref), id -> new ArrayList<>()).add(ref);
        heapBytes += ref.chunk().heapBytes();
    }

    static PartitionId idOf(ChunkRef ref) {
        return new PartitionId(ref.chunk().topicId(), ref.chunk().partition());
    }

    /** What was found of a partition. */
    List<ChunkRef> of(PartitionId id) {
        return chunks.getOrDefault(id, List.of());
    }

    /** The objects whose footers have been read: they are in the stream, whatever becomes of its writer. A view. */
    Set<Long> objects() {
        return Collections.unmodifiableSet(objects);
    }

    /** What was found of all partitions, in no order. */
    List<ChunkRef> all() {
        return chunks.values().stream().flatMap(List::stream).toList();
    }

    /** Memory this takes. */
    long heapBytes() {
        return heapBytes + objects.size() * OBJECT_BYTES;
    }

    /** Whether a look is under way. */
    boolean isLooking() {
        return running != null || next != null;
    }
}
