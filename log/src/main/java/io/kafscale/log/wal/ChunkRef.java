package io.kafscale.log.wal;

import io.kafscale.format.StreamId;
import io.kafscale.format.wal.WalChunk;

/**
 * A durable chunk and where it lies. Immutable; any thread.
 *
 * @param stream the stream it is part of
 * @param sequence the object of that stream
 * @param chunk what the object's footer says of it
 */
public record ChunkRef(StreamId stream, long sequence, WalChunk chunk) {}
