package io.kafscale.log.recover;

import io.kafscale.format.StreamId;
import io.kafscale.format.wal.WalChunk;
import io.kafscale.log.wal.ChunkRef;
import io.kafscale.metastore.cluster.PartitionId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What a WAL stream holds. Filled once, by the loop; read only afterwards. */
final class FoundStream {
    /**
     * The last chunk of a topic in a stream: what tells which of two topics was there later.
     *
     * @param writtenMs when the store says its object was written
     */
    record LastChunk(StreamId stream, long sequence, long writtenMs) {
        /** By sequence in one stream, by the store's clock else. */
        static int byAge(LastChunk one, LastChunk other) {
            return one.stream.equals(other.stream)
                    ? Long.compare(one.sequence, other.sequence)
                    : Long.compare(one.writtenMs, other.writtenMs);
        }
    }

    /** Chunks of one partition and epoch without a gap between them; offsets are inclusive. */
    record Run(StreamId stream, int epoch, long first, long last) {}

    private final StreamId id;
    private final long end;
    private final boolean sealed;
    private final @Nullable String damage;
    private final Map<PartitionId, List<Run>> runs = new HashMap<>();
    private final Map<PartitionId, String> names = new HashMap<>();
    private final Map<UUID, LastChunk> lastChunks = new HashMap<>();

    /**
     * A stream.
     *
     * @param end the sequence where it ends: that of its seal, or where it would be
     * @param writtenMs when the store says its objects were written, by sequence
     * @param damage what is missing or unreadable in it, null if nothing is
     */
    FoundStream(
            StreamId id,
            long end,
            boolean sealed,
            Map<Long, Long> writtenMs,
            @Nullable String damage,
            Collection<ChunkRef> chunks) {
        this.id = id;
        this.end = end;
        this.sealed = sealed;
        this.damage = damage;
        chunks.forEach(ref -> add(ref.chunk(), ref.sequence(), writtenMs.getOrDefault(ref.sequence(), 0L)));
    }

    private void add(WalChunk chunk, long sequence, long writtenMs) {
        lastChunks.put(chunk.topicId(), new LastChunk(id, sequence, writtenMs));
        var partition = new PartitionId(chunk.topicId(), chunk.partition());
        names.putIfAbsent(partition, chunk.topic());
        List<Run> known = runs.computeIfAbsent(partition, _ -> new ArrayList<>());
        Run last = known.isEmpty() ? null : known.getLast();
        if (last != null && last.epoch() == chunk.leaderEpoch() && last.last() + 1 == chunk.baseOffset()) {
            known.set(known.size() - 1, new Run(id, last.epoch(), last.first(), chunk.lastOffset()));
        } else {
            known.add(new Run(id, chunk.leaderEpoch(), chunk.baseOffset(), chunk.lastOffset()));
        }
    }

    StreamId id() {
        return id;
    }

    long end() {
        return end;
    }

    boolean isSealed() {
        return sealed;
    }

    /** The last chunk of each topic id. */
    Map<UUID, LastChunk> lastChunks() {
        return lastChunks;
    }

    @Nullable
    String damage() {
        return damage;
    }

    /** Topic names by partition. */
    Map<PartitionId, String> names() {
        return names;
    }

    Map<PartitionId, List<Run>> runs() {
        return runs;
    }
}
