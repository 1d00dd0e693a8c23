package io.kafscale.log.check;

import io.kafscale.format.RecordBatchView;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Compares the batches of a segment, shown in order, with WAL chunks of the same offsets by the checksums in the WAL's footers: the
 * bytes of a chunk lie in the segment one after the other. A chunk that is not wholly in the segment is left out. Belongs to the
 * loop.
 */
final class ChunkComparison {
    private final List<StreamContents.Chunk> chunks;
    private int next;
    private @Nullable CRC32C crc;
    private int bytes;

    /**
     * A comparison before the first batch.
     *
     * @param chunks ascending by base offset
     */
    ChunkComparison(List<StreamContents.Chunk> chunks) {
        this.chunks = chunks;
    }

    /** The next batch; the chunk that it shows to be another, if it does. */
    Optional<StreamContents.Chunk> append(RecordBatchView batch) {
        while (next < chunks.size()) {
            StreamContents.Chunk chunk = chunks.get(next);
            if (crc == null && chunk.baseOffset() < batch.baseOffset()) {
                next++; // it begins before this segment, or where a batch of another length was found
                continue;
            }
            if (chunk.baseOffset() > batch.lastOffset()) {
                return Optional.empty();
            }
            return take(chunk, batch);
        }
        return Optional.empty();
    }

    private Optional<StreamContents.Chunk> take(StreamContents.Chunk chunk, RecordBatchView batch) {
        CRC32C sum = crc;
        if (sum == null) {
            if (chunk.baseOffset() != batch.baseOffset()) {
                next++;
                return Optional.of(chunk);
            }
            sum = new CRC32C();
            crc = sum;
            bytes = 0;
        }
        sum.update(batch.slice());
        bytes += batch.sizeInBytes();
        if (batch.lastOffset() < chunk.lastOffset()) {
            return Optional.empty();
        }
        boolean same = batch.lastOffset() == chunk.lastOffset()
                && bytes == chunk.bytes()
                && (int) sum.getValue() == chunk.crc();
        next++;
        crc = null;
        return same ? Optional.empty() : Optional.of(chunk);
    }
}
