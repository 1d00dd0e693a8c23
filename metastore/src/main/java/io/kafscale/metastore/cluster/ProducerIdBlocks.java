package io.kafscale.metastore.cluster;

import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.runtime.EventLoop;
import io.kafscale.runtime.FutureFailure;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Gives producer ids to producers one at a time, from a block, fetching the next block when half of it is gone. Thread-safe;
 * futures complete on the loop.
 */
public final class ProducerIdBlocks {
    private static final int MAX_WAITING = 10_000;

    private final ProducerIdStore store;
    private final EventLoop loop;
    private final int blockSize;
    private final Deque<CompletableFuture<Long>> waiting = new ArrayDeque<>();

    private long nextId;
    private long endId;
    private @Nullable ProducerIdBlock reserve;
    private boolean fetching;

    /** Ids from {@code store} in blocks of {@code blockSize}; the first is fetched when it is needed. */
    public ProducerIdBlocks(ProducerIdStore store, EventLoop loop, int blockSize) {
        if (blockSize <= 0) {
            throw new IllegalArgumentException("a block has at least one producer id, not " + blockSize);
        }
        this.store = store;
        this.loop = loop;
        this.blockSize = blockSize;
    }

    /**
     * A producer id that nobody ever got. Fails with {@link MetadataException} if the store cannot be asked, which asking again may
     * mend, or if too many wait already.
     */
    public CompletableFuture<Long> next() {
        var result = new CompletableFuture<Long>();
        loop.execute(() -> {
            if (waiting.size() >= MAX_WAITING) {
                result.completeExceptionally(
                        new MetadataException(Kind.UNAVAILABLE, MAX_WAITING + " producers wait for an id already"));
                return;
            }
            waiting.add(result);
            serve();
        });
        return result;
    }

    private void serve() {
        while (!waiting.isEmpty() && (nextId < endId || openReserve())) {
            waiting.remove().complete(nextId++);
        }
        boolean halfGone = endId - nextId <= blockSize / 2;
        if (halfGone && reserve == null && !fetching && (endId > 0 || !waiting.isEmpty())) {
            fetch();
        }
    }

    private boolean openReserve() {
        if (reserve == null) {
            return false;
        }
        nextId = reserve.firstId();
        endId = reserve.endId();
        reserve = null;
        return true;
    }

    private void fetch() {
        fetching = true;
        store.next(blockSize)
                .whenComplete((block, failure) -> loop.execute(() -> {
                    fetching = false;
                    if (failure == null) {
                        reserve = block;
                        serve();
                        return;
                    }
                    // Whoever waits is told; the next request for an id tries again.
                    while (!waiting.isEmpty()) {
                        waiting.remove().completeExceptionally(FutureFailure.cause(failure));
                    }
                }));
    }
}
