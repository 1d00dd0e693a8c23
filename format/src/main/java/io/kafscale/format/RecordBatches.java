package io.kafscale.format;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * A walk over consecutive record batches in a buffer that believes no length before it has checked it.
 *
 * <p>Each step checks what can be checked from the header: the batch lies whole inside the buffer, its magic is 2, its
 * offsets and counts are possible. It does not read records and does not compute the batch's CRC, see
 * {@link RecordBatchView#crcMatches}. The buffer is shared, not copied, and its position does not move. Any thread, as
 * long as nobody changes the lengths under the walk.
 */
public final class RecordBatches implements Iterable<RecordBatchView> {
    /** What an incomplete batch at the end means. */
    public enum Tail {
        /** The bytes should be whole batches: an incomplete one is damage. */
        MUST_BE_WHOLE,
        /** The bytes are the start of something longer: the walk ends before an incomplete batch. */
        MAY_BE_CUT
    }

    private static final byte SUPPORTED_MAGIC = 2;

    private final ByteBuffer buffer;
    private final String object;
    private final long objectPosition;
    private final Tail tail;

    private RecordBatches(ByteBuffer buffer, String object, long objectPosition, Tail tail) {
        this.buffer = buffer.duplicate();
        this.object = object;
        this.objectPosition = objectPosition;
        this.tail = tail;
    }

    /** Whole batches between the buffer's position and limit, which start the object. */
    public static RecordBatches of(ByteBuffer buffer, String object) {
        return of(buffer, object, 0);
    }

    /**
     * Whole batches between the buffer's position and limit.
     *
     * @param object name for errors
     * @param objectPosition where in the object the buffer's position lies, for errors
     */
    public static RecordBatches of(ByteBuffer buffer, String object, long objectPosition) {
        return new RecordBatches(buffer, object, objectPosition, Tail.MUST_BE_WHOLE);
    }

    /** The same walk with another meaning of an incomplete batch at the end. */
    public RecordBatches withTail(Tail newTail) {
        return new RecordBatches(buffer, object, objectPosition, newTail);
    }

    /**
     * The batches in order. {@code hasNext} and {@code next} throw {@link CorruptObjectException} at the first header
     * that cannot be; the batches before it have been returned by then.
     */
    @Override
    public Iterator<RecordBatchView> iterator() {
        return new Walk();
    }

    private final class Walk implements Iterator<RecordBatchView> {
        private int next = buffer.position();

        @Override
        public boolean hasNext() {
            int available = buffer.limit() - next;
            if (available == 0) {
                return false;
            }
            if (available < RecordBatchView.HEADER_BYTES) {
                return cut(available, RecordBatchView.HEADER_BYTES);
            }
            int length = buffer.getInt(next + RecordBatchView.LENGTH);
            if (length < RecordBatchView.HEADER_BYTES - RecordBatchView.LENGTH_OVERHEAD) {
                throw corrupt("record batch is shorter than its header", RecordBatchView.LENGTH)
                        .with("length", length);
            }
            long size = (long) length + RecordBatchView.LENGTH_OVERHEAD;
            return size <= available || cut(available, size);
        }

        @Override
        public RecordBatchView next() {
            if (!hasNext()) {
                throw new NoSuchElementException("no further record batch in " + object);
            }
            var batch = new RecordBatchView(buffer, next);
            check(batch);
            next = batch.end();
            return batch;
        }

        private boolean cut(int available, long size) {
            if (tail == Tail.MAY_BE_CUT) {
                return false;
            }
            throw corrupt("record batch is cut off", 0).with("size", size).with("available", available);
        }

        private void check(RecordBatchView batch) {
            if (batch.magic() != SUPPORTED_MAGIC) {
                throw corrupt("record batch has an unknown magic", RecordBatchView.MAGIC)
                        .expected(SUPPORTED_MAGIC, batch.magic());
            }
            int delta = batch.lastOffsetDelta();
            if (delta < 0 || batch.baseOffset() < 0 || batch.baseOffset() > Long.MAX_VALUE - 1 - delta) {
                throw corrupt("record batch has impossible offsets", 0)
                        .with("baseOffset", batch.baseOffset())
                        .with("lastOffsetDelta", delta);
            }
            if (batch.recordCount() < 0 || batch.recordCount() > delta + 1L) {
                throw corrupt("record batch has an impossible record count", RecordBatchView.RECORD_COUNT)
                        .with("recordCount", batch.recordCount())
                        .with("lastOffsetDelta", delta);
            }
        }

        private CorruptObjectException corrupt(String title, int field) {
            return new CorruptObjectException(title, object, objectPosition + next - buffer.position() + field);
        }
    }
}
