package io.kafscale.log.partition;

import io.kafscale.log.wal.ChunkOwner;
import java.nio.ByteBuffer;
import java.util.List;

/** What a partition needs of the write-ahead log. Called on the log loop. */
public interface WalAppender {
    /**
     * Adds batches to the open WAL object.
     *
     * @param batches whole batches with final headers; they are shared and must not change any more
     * @param pinnedBytes what the append keeps in memory; reserved by whoever admitted it, released when the object has left the
     *     transport
     */
    void append(ChunkOwner owner, List<ByteBuffer> batches, long pinnedBytes);

    /** Gives back what was reserved for an append that did not come to the WAL. */
    void release(long pinnedBytes);
}
