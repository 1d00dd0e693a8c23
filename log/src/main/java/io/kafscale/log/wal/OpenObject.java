package io.kafscale.log.wal;

import io.kafscale.format.wal.ChunkKey;
import io.kafscale.format.wal.WalDirectory;
import io.kafscale.format.wal.WalHeader;
import io.kafscale.format.wal.WalObject;
import io.kafscale.format.wal.WalObjectBuilder;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Batches on their way into one WAL object, whose they are, and the memory they hold. Log loop only. */
final class OpenObject {
    private final WalObjectBuilder builder = new WalObjectBuilder();
    private final Map<ChunkKey, ChunkOwner> owners = new LinkedHashMap<>();
    private long pinnedBytes;
    private int appends;

    /** Appends one buffer of batches; after an exception the object is as before. */
    void append(ChunkOwner owner, ByteBuffer batches) {
        ChunkKey target = owner.target();
        ChunkOwner present = owners.get(target);
        if (present != null && present != owner) {
            throw new IllegalStateException("two owners of " + target + " in one WAL object");
        }
        builder.append(target, batches);
        owners.put(target, owner);
    }

    /** One append is complete, and keeps so many bytes in memory. */
    void pin(long bytes) {
        pinnedBytes += bytes;
        appends++;
    }

    /** Complete appends. */
    int appends() {
        return appends;
    }

    boolean isEmpty() {
        return builder.isEmpty();
    }

    /** Bytes the object would have if it were built now. */
    long sizeInBytes() {
        return builder.sizeInBytes();
    }

    /** Bytes of the writer's buffer that the object's appenders reserved. */
    long pinnedBytes() {
        return pinnedBytes;
    }

    /** Who hears of each chunk. */
    Map<ChunkKey, ChunkOwner> owners() {
        return owners;
    }

    /** The object's bytes; called once. */
    WalObject build(WalHeader header, List<WalDirectory> earlier) {
        return builder.build(header, earlier);
    }
}
