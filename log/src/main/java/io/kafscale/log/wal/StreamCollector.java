package io.kafscale.log.wal;

import io.kafscale.format.StreamId;
import io.kafscale.format.wal.WalSeal;
import io.kafscale.log.LogException;
import io.kafscale.objectstore.StorageException;
import java.util.List;
import java.util.NavigableMap;
import java.util.concurrent.CompletableFuture;

/**
 * Deletes closed streams, on the word of a caller who knows that no tenure names them any more and that the grace is over. The seal
 * stays for good, so that the stream can never be written again. Log loop only.
 */
public final class StreamCollector {
    private static final int BATCH = 1000;

    private final WalStore store;
    private final StreamObjects objects;

    /** A collector of streams in this store. */
    public StreamCollector(WalStore store) {
        this.store = store;
        this.objects = new StreamObjects(store);
    }

    /**
     * Deletes every object of the stream but its seal, in ascending order. May be repeated after a failure or a crash.
     *
     * @return the number of objects deleted. Fails with {@link LogException} of kind CORRUPT, having deleted nothing, if there is no
     *     seal where the stream is said to end; with {@link StorageException} if the store did not answer
     */
    public CompletableFuture<Integer> collect(SealedStream stream) {
        return WalStore.unwrapped(objects.footer(stream.stream(), stream.sealSequence())
                .thenCompose(footer -> {
                    if (!(footer instanceof WalSeal)) {
                        throw new LogException(
                                LogException.Kind.CORRUPT,
                                "stream " + stream.stream() + " has no seal at " + stream.sealSequence());
                    }
                    return objects.list(stream.stream(), -1);
                })
                .thenCompose(found -> {
                    found.remove(stream.sealSequence());
                    List<String> keys = found.keySet().stream()
                            .map(sequence -> store.key(stream.stream(), sequence))
                            .toList();
                    return deleteFrom(keys, 0);
                }));
    }

    /**
     * The same where nobody knows any more at which sequence the stream was sealed: its last seal is the one that holds. Fails with
     * {@link LogException} of kind CORRUPT if there is none.
     */
    public CompletableFuture<Integer> collect(StreamId stream) {
        return WalStore.unwrapped(objects.list(stream, -1)
                .thenCompose(found -> lastSeal(stream, found))
                .thenCompose(this::collect));
    }

    private CompletableFuture<SealedStream> lastSeal(StreamId stream, NavigableMap<Long, Long> found) {
        if (found.isEmpty()) {
            return CompletableFuture.failedFuture(
                    new LogException(LogException.Kind.CORRUPT, "stream " + stream + " has no seal"));
        }
        long last = found.lastKey();
        return objects.footer(stream, last)
                .thenCompose(footer -> footer instanceof WalSeal
                        ? CompletableFuture.completedFuture(new SealedStream(stream, last, last))
                        : lastSeal(stream, found.headMap(last, false)));
    }

    private CompletableFuture<Integer> deleteFrom(List<String> keys, int first) {
        if (first >= keys.size()) {
            return CompletableFuture.completedFuture(keys.size());
        }
        int end = Math.min(keys.size(), first + BATCH);
        return store.onLoop(store.objects().delete(keys.subList(first, end))).thenCompose(_ -> deleteFrom(keys, end));
    }
}
