package io.kafscale.format.segment;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.Crc32c;
import io.kafscale.format.RecordBatchView;
import io.kafscale.format.RecordBatches;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * A whole {@code .kfs} file: header, record batches, footer. Either put around batches that are in memory
 * ({@link #encode}) or taken apart and verified ({@link #parse}); in both cases the record data stays where it is and must
 * not change while the file is in use. Immutable apart from that; any thread.
 */
public final class SegmentFile {
    /** Longest file: positions in the index are 31 bits. */
    public static final int MAX_BYTES = Integer.MAX_VALUE;

    private static final int FRAME_BYTES = SegmentHeader.BYTES + SegmentFooter.BYTES;

    /** Sees each batch of a file in order. */
    @FunctionalInterface
    public interface BatchVisitor {
        /**
         * @param batch the batch
         * @param position where it starts in the file
         */
        void visit(RecordBatchView batch, int position);
    }

    private final String object;
    private final SegmentHeader header;
    private final SegmentFooter footer;
    private final List<ByteBuffer> body;
    private final int length;

    private SegmentFile(String object, SegmentHeader header, SegmentFooter footer, List<ByteBuffer> body) {
        this.object = object;
        this.header = header;
        this.footer = footer;
        this.body = body;
        this.length = (int) (FRAME_BYTES + bytesOf(body));
    }

    /**
     * A file around batches with dense offsets.
     *
     * @param batches each holds one or more whole batches from position to limit; shared, not copied
     * @param baseOffset offset of the first record
     * @param createdMs now, in milliseconds since the epoch
     * @throws CorruptObjectException if a buffer holds anything but whole batches
     * @throws IllegalArgumentException if there is no batch, or they do not start at the base offset, or an offset is
     *     missing between two of them, or the file would be longer than {@link #MAX_BYTES}
     */
    public static SegmentFile encode(List<ByteBuffer> batches, long baseOffset, long createdMs) {
        long bytes = FRAME_BYTES + bytesOf(batches);
        if (bytes > MAX_BYTES) {
            throw new IllegalArgumentException("a segment of " + bytes + " bytes is too long");
        }
        String object = "new segment at offset " + baseOffset;
        var body = batches.stream().map(ByteBuffer::slice).toList();
        long nextOffset = baseOffset;
        long records = 0;
        int position = SegmentHeader.BYTES;
        for (ByteBuffer slice : body) {
            for (RecordBatchView batch : RecordBatches.of(slice, object, position)) {
                if (batch.baseOffset() != nextOffset) {
                    throw new IllegalArgumentException(
                            "segment offsets must be dense: expected " + nextOffset + ", got " + batch);
                }
                nextOffset = batch.lastOffset() + 1;
                records += batch.recordCount();
            }
            position += slice.remaining();
        }
        if (nextOffset == baseOffset || records > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("no segment of " + records + " records");
        }
        var header = new SegmentHeader(baseOffset, (int) records, createdMs);
        return new SegmentFile(object, header, new SegmentFooter(Crc32c.of(body), nextOffset - 1), body);
    }

    /**
     * Takes a file apart and verifies it: header, footer, checksum of the body, and that the batches are whole, ascend
     * without overlap (gaps are legal), and agree with header and footer.
     *
     * @param file the whole file from position to limit; shared, not copied
     * @param object name for errors
     * @throws CorruptObjectException if anything is wrong
     */
    public static SegmentFile parse(ByteBuffer file, String object) {
        var header = SegmentHeader.parse(file, object);
        var footer = SegmentFooter.parse(file, file.remaining(), object);
        var body = file.slice(file.position() + SegmentHeader.BYTES, file.remaining() - FRAME_BYTES);
        int crc = Crc32c.of(body);
        if (crc != footer.bodyCrc()) {
            throw new CorruptObjectException("segment body does not match its checksum", object, SegmentHeader.BYTES)
                    .expected(Crc32c.toHex(footer.bodyCrc()), Crc32c.toHex(crc));
        }
        var segment = new SegmentFile(object, header, footer, List.of(body));
        segment.checkBatches();
        return segment;
    }

    /** The first bytes of the file, decoded. */
    public SegmentHeader header() {
        return header;
    }

    /** The last bytes of the file, decoded. */
    public SegmentFooter footer() {
        return footer;
    }

    /** Bytes of the whole file. */
    public int length() {
        return length;
    }

    /** The whole file, in order; new buffers at each call, the record data shared. */
    public List<ByteBuffer> buffers() {
        var buffers = new ArrayList<ByteBuffer>(body.size() + 2);
        buffers.add(header.encode());
        body.forEach(slice -> buffers.add(slice.duplicate()));
        buffers.add(footer.encode());
        return buffers;
    }

    /** Shows each batch and its place to a visitor, in order. */
    public void forEachBatch(BatchVisitor visitor) {
        int start = SegmentHeader.BYTES;
        for (ByteBuffer slice : body) {
            for (RecordBatchView batch : RecordBatches.of(slice, object, start)) {
                visitor.visit(batch, start + batch.position());
            }
            start += slice.remaining();
        }
    }

    /**
     * Whether this file and another of the same base offset hold the same bytes over the offsets that both have: the body
     * of one is the start of the body of the other. Two leaders may write one segment with different ends, never with
     * different content.
     */
    public boolean agreesWith(SegmentFile other) {
        var mine = new ArrayDeque<>(body.stream().map(ByteBuffer::slice).toList());
        var theirs = new ArrayDeque<>(other.body.stream().map(ByteBuffer::slice).toList());
        while (!mine.isEmpty() && !theirs.isEmpty()) {
            var left = mine.getFirst();
            var right = theirs.getFirst();
            int length = Math.min(left.remaining(), right.remaining());
            if (!left.slice(left.position(), length).equals(right.slice(right.position(), length))) {
                return false;
            }
            skip(mine, length);
            skip(theirs, length);
        }
        return header.baseOffset() == other.header.baseOffset();
    }

    private static void skip(ArrayDeque<ByteBuffer> buffers, int length) {
        var first = buffers.getFirst();
        first.position(first.position() + length);
        if (!first.hasRemaining()) {
            buffers.removeFirst();
        }
    }

    /** What an index says of this file to recognise it. */
    public SegmentIdentity identity(UUID topicId, int partition) {
        return SegmentIdentity.of(topicId, partition, header, footer, length);
    }

    private void checkBatches() {
        var state = new Object() {
            long nextOffset = header.baseOffset();
            long lastOffset = -1;
            long records;
        };
        forEachBatch((batch, position) -> {
            boolean first = state.lastOffset < 0;
            if (batch.baseOffset() < state.nextOffset || (first && batch.baseOffset() != header.baseOffset())) {
                throw new CorruptObjectException("segment batch is out of order", object, position)
                        .expected(state.nextOffset, batch.baseOffset());
            }
            state.lastOffset = batch.lastOffset();
            state.nextOffset = batch.lastOffset() + 1;
            state.records += batch.recordCount();
        });
        if (state.lastOffset != footer.lastOffset()) {
            throw new CorruptObjectException(
                            "segment batches do not end at the footer's last offset",
                            object,
                            length - SegmentFooter.BYTES)
                    .expected(footer.lastOffset(), state.lastOffset);
        }
        if (state.records != header.recordCount()) {
            throw new CorruptObjectException("segment batches do not add up to the header's record count", object, 0)
                    .expected(header.recordCount(), state.records);
        }
    }

    private static long bytesOf(List<ByteBuffer> buffers) {
        return buffers.stream().mapToLong(ByteBuffer::remaining).sum();
    }
}
