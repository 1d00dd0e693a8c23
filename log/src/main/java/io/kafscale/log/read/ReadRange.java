package io.kafscale.log.read;

import io.kafscale.log.partition.BatchSlices;

/**
 * What to read of one partition.
 *
 * @param offset the first offset wanted; reading starts at the batch that holds it
 * @param endOffset nothing at or behind it is read
 * @param maxBytes at most this much
 * @param atLeastOne whether the first batch is read even if it is larger
 */
record ReadRange(long offset, long endOffset, int maxBytes, boolean atLeastOne) {
    /** What remains to be read after {@code read}. */
    ReadRange after(BatchSlices read) {
        return read.isEmpty()
                ? this
                : new ReadRange(read.nextOffset(), endOffset, Math.max(0, maxBytes - read.bytes()), false);
    }
}
