package io.kafscale.log.segment;

import io.kafscale.format.RecordBatchView;
import io.kafscale.format.RecordBatches;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The waiting chunks that are to become one segment: the oldest of a partition, up to the size of a segment and one chunk more.
 *
 * @param chunks at least one, dense
 * @param startOffset where the segment starts: batches below are in a segment already or no longer readable
 * @param bytes of all chunks
 */
record SegmentCut(StoredPartition partition, List<WaitingChunk> chunks, long startOffset, long bytes) {
    SegmentCut {
        chunks = List.copyOf(chunks);
    }

    /** The next segment of a partition that has something waiting. */
    static SegmentCut next(StoredPartition partition) {
        WaitingChunks waiting = partition.waiting();
        int segmentBytes = partition.settings().segmentBytes();
        var chunks = new ArrayList<WaitingChunk>();
        long bytes = 0;
        for (int i = 0; i < waiting.size() && bytes < segmentBytes; i++) {
            chunks.add(waiting.get(i));
            bytes += waiting.get(i).length();
        }
        return new SegmentCut(partition, chunks, partition.coveredOffset(), bytes);
    }

    /**
     * The batches of the segment.
     *
     * @param chunkBatches the batches of all chunks in order
     */
    static List<ByteBuffer> batchesFrom(long startOffset, List<ByteBuffer> chunkBatches) {
        var kept = new ArrayList<ByteBuffer>(chunkBatches.size());
        boolean started = false;
        for (ByteBuffer slice : chunkBatches) {
            ByteBuffer from = started ? slice : cutBelow(startOffset, slice);
            if (from.hasRemaining()) {
                started = true;
                kept.add(from);
            }
        }
        return kept;
    }

    private static ByteBuffer cutBelow(long offset, ByteBuffer slice) {
        for (RecordBatchView batch : RecordBatches.of(slice, "chunk at the segment end")) {
            if (batch.lastOffset() >= offset) {
                return slice.slice(batch.position(), slice.limit() - batch.position());
            }
        }
        return slice.slice(slice.limit(), 0);
    }
}
