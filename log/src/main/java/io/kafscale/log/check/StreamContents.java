package io.kafscale.log.check;

import io.kafscale.format.wal.WalChunk;
import io.kafscale.metastore.cluster.PartitionId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The chunks of one WAL stream, by partition: what is needed to see whether offsets are missing. Belongs to the loop. */
final class StreamContents {
    /** A chunk, without its batches. */
    record Chunk(long sequence, int leaderEpoch, long baseOffset, long lastOffset, int bytes, int crc) {}

    private final Map<PartitionId, List<Chunk>> chunks = new HashMap<>();

    private long end = Long.MAX_VALUE;

    /** Nothing at or behind this sequence counts. */
    void endAt(long sequence) {
        end = sequence;
    }

    void add(long sequence, WalChunk chunk) {
        chunks.computeIfAbsent(new PartitionId(chunk.topicId(), chunk.partition()), _ -> new ArrayList<>())
                .add(new Chunk(
                        sequence,
                        chunk.leaderEpoch(),
                        chunk.baseOffset(),
                        chunk.lastOffset(),
                        chunk.length(),
                        chunk.crc()));
    }

    List<Chunk> of(PartitionId partition) {
        return chunks.getOrDefault(partition, List.of()).stream()
                .filter(chunk -> chunk.sequence() < end)
                .toList();
    }
}
