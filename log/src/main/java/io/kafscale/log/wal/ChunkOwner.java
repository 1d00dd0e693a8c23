package io.kafscale.log.wal;

import io.kafscale.format.wal.ChunkKey;

/** One partition's side of the WAL, under one leader epoch. Called on the log loop only. */
public interface ChunkOwner {
    /** What the footer says of this owner's chunks; the same answer as long as the owner appends. */
    ChunkKey target();

    /**
     * A chunk of this owner and every object before it are durable: the high watermark moves to behind its last offset. Called in
     * the order of the stream; all chunks of one object in one turn of the loop. From now on the owner answers for the chunk: it is
     * kept in the store until {@link WalWriter#covered} is called for it, once, even where the owner has been closed meanwhile.
     */
    void committed(ChunkRef chunk);
}
