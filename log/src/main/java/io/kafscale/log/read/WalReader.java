package io.kafscale.log.read;

import io.kafscale.log.partition.BatchSlices;
import io.kafscale.log.segment.StoredPartition;
import io.kafscale.log.segment.WaitingChunk;
import io.kafscale.log.segment.WaitingChunks;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Reads waiting chunks from WAL objects, several at a time. Belongs to the log loop. */
final class WalReader {
    /** Most chunks, each in another object, one read waits for. */
    private static final int MOST_CHUNKS = 4;

    private final BlockCache cache;

    WalReader(BlockCache cache) {
        this.cache = cache;
    }

    /**
     * Reads from the chunk that holds the offset on.
     *
     * @param chunk its place among the waiting chunks
     */
    CompletableFuture<BatchSlices> read(StoredPartition partition, int chunk, ReadRange range, Access access) {
        WaitingChunks waiting = partition.waiting();
        List<CompletableFuture<BatchRun>> needed = new ArrayList<>();
        long bytes = 0;
        int next = chunk;
        do {
            WaitingChunk wanted = waiting.get(next++);
            needed.add(cache.chunk(wanted, access));
            bytes += wanted.length();
        } while (next < waiting.size() && needed.size() < MOST_CHUNKS && bytes < range.maxBytes());
        for (int ahead = next; ahead < next + access.readAhead() && ahead < waiting.size(); ahead++) {
            if (!cache.prefetch(waiting.get(ahead))) {
                break;
            }
        }
        return new RunSequence(needed, range).read();
    }
}
