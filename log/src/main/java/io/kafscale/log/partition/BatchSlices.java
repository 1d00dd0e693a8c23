package io.kafscale.log.partition;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Whole record batches that were read, in offset order. The slices are shared and read-only and may be kept as long as needed.
 *
 * @param bytes of all slices
 * @param nextOffset the offset after the last record; where reading goes on
 */
public record BatchSlices(List<ByteBuffer> slices, int bytes, long nextOffset) {
    /** Copies the list. */
    public BatchSlices {
        slices = List.copyOf(slices);
    }

    /** Nothing, and reading goes on at {@code offset}. */
    public static BatchSlices none(long offset) {
        return new BatchSlices(List.of(), 0, offset);
    }

    /** Whether there is no batch. */
    public boolean isEmpty() {
        return bytes == 0;
    }

    /** These and then {@code next}, which must go on where these end. */
    public BatchSlices then(BatchSlices next) {
        if (isEmpty()) {
            return next;
        }
        if (next.isEmpty()) {
            return this;
        }
        var all = new ArrayList<ByteBuffer>(slices.size() + next.slices.size());
        all.addAll(slices);
        all.addAll(next.slices);
        return new BatchSlices(all, bytes + next.bytes, next.nextOffset);
    }
}
