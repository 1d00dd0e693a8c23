package io.kafscale.log.engine;

import io.kafscale.log.internal.LoopFutures;
import io.kafscale.log.wal.ChunkRef;
import io.kafscale.log.wal.StreamFollower;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.runtime.EventLoop;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The chunks of a stream whose writer is alive, as far as it has been read; what comes later is added by the next look. Looks that
 * are asked for together are one. Log loop only.
 */
final class LiveStream {
    private final EventLoop loop;
    private final StreamFollower follower;
    private final Map<PartitionId, List<ChunkRef>> chunks = new HashMap<>();
    private long heapBytes;
    private boolean read;
    private @Nullable CompletableFuture<Void> running;
    private @Nullable CompletableFuture<Void> next;

    LiveStream(EventLoop loop, StreamFollower follower) {
        this.loop = loop;
        this.follower = follower;
    }

    /** Reads it if that was not done before. */
    CompletableFuture<Void> read() {
        if (read) {
            return CompletableFuture.completedFuture(null);
        }
        return running != null ? running : refresh();
    }

    /** Reads what is there now, by a look that begins after this call. */
    CompletableFuture<Void> refresh() {
        if (next == null) {
            next = new CompletableFuture<>();
            loop.execute(this::look);
        }
        return next;
    }

    private void look() {
        CompletableFuture<Void> mine = next;
        if (mine == null || running != null) {
            return;
        }
        running = mine;
        next = null;
        follower.more().whenComplete((fresh, failure) -> {
            running = null;
            if (failure == null) {
                fresh.forEach(this::add);
                read = true;
                mine.complete(null);
            } else {
                mine.completeExceptionally(LoopFutures.unwrap(failure));
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

    /** Memory this takes. */
    long heapBytes() {
        return heapBytes;
    }

    /** Whether a look is under way. */
    boolean isLooking() {
        return running != null || next != null;
    }
}
