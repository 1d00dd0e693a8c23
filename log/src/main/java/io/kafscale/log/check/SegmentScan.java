package io.kafscale.log.check;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.Crc32c;
import io.kafscale.format.RecordBatchView;
import io.kafscale.format.RecordBatches;
import io.kafscale.format.segment.SegmentFooter;
import io.kafscale.format.segment.SegmentHeader;
import io.kafscale.log.check.StoredObjects.Outcome;
import io.kafscale.log.internal.LoopFutures;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads a whole segment in pieces, however large it is, and verifies every byte of it: the body's checksum, each batch's own, and that
 * the batches fill the body, ascend, and agree with header and footer. Belongs to the loop.
 */
final class SegmentScan {
    private static final int PIECE_BYTES = 4 << 20;

    /** More than any request may have: a longer batch is a damaged length, which must not cost memory. */
    private static final int MAX_BATCH_BYTES = 256 << 20;

    private final StoredObjects objects;
    private final String key;
    private final SegmentFacts segment;
    private final BiConsumer<RecordBatchView, Integer> visitor;
    private final CRC32C crc = new CRC32C();
    private final long bodyEnd;
    private ByteBuffer carried = ByteBuffer.allocate(0);
    private long nextByte = SegmentHeader.BYTES;
    private long nextOffset;
    private long records;
    private @Nullable Outcome<SegmentFacts> end;

    /**
     * A scan.
     *
     * @param visitor sees each batch and its position in the file
     */
    SegmentScan(StoredObjects objects, String key, SegmentFacts segment, BiConsumer<RecordBatchView, Integer> visitor) {
        this.objects = objects;
        this.key = key;
        this.segment = segment;
        this.visitor = visitor;
        this.bodyEnd = segment.sizeBytes() - SegmentFooter.BYTES;
        this.nextOffset = segment.baseOffset();
    }

    CompletableFuture<Outcome<SegmentFacts>> run() {
        return LoopFutures.repeat(() -> {
                    if (end != null || nextByte >= bodyEnd) {
                        return null;
                    }
                    int length = (int) Math.min(Math.max(PIECE_BYTES, missing()), bodyEnd - nextByte);
                    return objects.range(key, nextByte, length, bytes -> {
                                take(bytes, length);
                                return segment;
                            })
                            .thenAccept(
                                    outcome -> end = outcome instanceof Outcome.Good<SegmentFacts> ? null : outcome);
                })
                .thenApply(_ -> end == null ? conclusion() : end);
    }

    /** How many bytes the batch that was cut off takes beyond those that are there. */
    private long missing() {
        if (carried.remaining() < RecordBatchView.LENGTH_OVERHEAD) {
            return 0;
        }
        return carried.getInt(carried.position() + Long.BYTES)
                + (long) RecordBatchView.LENGTH_OVERHEAD
                - carried.remaining();
    }

    private void take(ByteBuffer piece, int wanted) {
        if (piece.remaining() != wanted) {
            throw new CorruptObjectException("segment is shorter than it was", key, nextByte + piece.remaining());
        }
        crc.update(piece.duplicate());
        ByteBuffer joined = ByteBuffer.allocate(carried.remaining() + piece.remaining())
                .put(carried)
                .put(piece)
                .flip();
        long start = nextByte - (joined.remaining() - wanted);
        nextByte += wanted;
        int consumed = 0;
        for (RecordBatchView batch : RecordBatches.of(joined, key, start).withTail(RecordBatches.Tail.MAY_BE_CUT)) {
            check(batch, start + batch.position());
            visitor.accept(batch, (int) (start + batch.position()));
            consumed = batch.end();
        }
        carried = joined.slice(consumed, joined.limit() - consumed);
        if (missing() > Math.min(bodyEnd - nextByte, MAX_BATCH_BYTES)) {
            throw new CorruptObjectException("record batch is cut off, or its length is wrong", key, start + consumed);
        }
    }

    private void check(RecordBatchView batch, long position) {
        boolean first = records == 0 && nextOffset == segment.baseOffset();
        if (batch.baseOffset() < nextOffset || (first && batch.baseOffset() != nextOffset)) {
            throw new CorruptObjectException("segment batch is out of order", key, position)
                    .expected(nextOffset, batch.baseOffset());
        }
        if (!batch.crcMatches()) {
            throw new CorruptObjectException("record batch does not match its checksum", key, position)
                    .with("batch", batch);
        }
        nextOffset = batch.lastOffset() + 1;
        records += batch.recordCount();
    }

    private Outcome<SegmentFacts> conclusion() {
        int stored = segment.footer().bodyCrc();
        if ((int) crc.getValue() != stored) {
            return new Outcome.Bad<>("segment body does not match its checksum [stored=" + Crc32c.toHex(stored)
                    + ", computed=" + Crc32c.toHex((int) crc.getValue()) + "]");
        }
        if (carried.hasRemaining()) {
            return new Outcome.Bad<>("the last record batch is cut off");
        }
        if (nextOffset - 1 != segment.lastOffset()
                || records != segment.header().recordCount()) {
            return new Outcome.Bad<>("segment batches do not add up to header and footer [lastOffset="
                    + (nextOffset - 1) + ", records=" + records + "]");
        }
        return new Outcome.Good<>(segment);
    }
}
