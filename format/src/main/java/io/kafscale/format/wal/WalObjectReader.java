package io.kafscale.format.wal;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.Crc32c;
import io.kafscale.format.RecordBatchView;
import io.kafscale.format.RecordBatches;
import io.kafscale.format.internal.FieldReader;
import java.nio.ByteBuffer;

/**
 * Reads WAL objects: the header from the first bytes, the footer from the last, or a whole object with every check. Shares
 * the buffers it is given and allocates in proportion to them, whatever they claim. Immutable; any thread.
 */
public final class WalObjectReader {
    private static final int MIN_FOOTER_BYTES = WalHeader.BYTES;

    private final WalLimits limits;

    /** A reader with the usual bounds. */
    public WalObjectReader() {
        this(WalLimits.DEFAULT);
    }

    /** A reader with other bounds. */
    public WalObjectReader(WalLimits limits) {
        this.limits = limits;
    }

    /**
     * Reads the header.
     *
     * @param start the first bytes of the object, at least {@link WalHeader#BYTES}
     * @throws CorruptObjectException if it is none
     */
    public WalHeader parseHeader(ByteBuffer start, String object) {
        return WalHeader.parse(start, object);
    }

    /**
     * Reads the footer from the end of an object, whose header it repeats.
     *
     * @param tail the last bytes of the object, as many as the caller guessed; all of it if it has fewer
     * @param objectLength bytes of the whole object, as the store says
     * @return the footer, or how many bytes of the tail it takes
     * @throws CorruptObjectException if the object is damaged
     */
    public WalTail parseTail(ByteBuffer tail, long objectLength, String object) {
        int footerBytes = footerBytes(tail, objectLength, object);
        int tailBytes = footerBytes + WalFooterEncoder.TRAILER_BYTES;
        if (tailBytes > tail.remaining()) {
            return new WalTail.Incomplete(tailBytes);
        }
        var footer = tail.slice(tail.limit() - tailBytes, tailBytes);
        int position = (int) objectLength - tailBytes;
        int stored = footer.getInt(footerBytes + Integer.BYTES);
        int computed = Crc32c.of(footer, 0, footerBytes + Integer.BYTES);
        if (stored != computed) {
            throw new CorruptObjectException("WAL footer does not match its checksum", object, position)
                    .expected(Crc32c.toHex(stored), Crc32c.toHex(computed));
        }
        return new WalTail.Complete(new WalFooterDecoder(footer.slice(0, footerBytes), position, object).decode());
    }

    private int footerBytes(ByteBuffer tail, long objectLength, String object) {
        if (objectLength > limits.maxObjectBytes()) {
            throw new CorruptObjectException("WAL object is longer than it can be", object, 0)
                    .with("length", objectLength);
        }
        int least = WalHeader.BYTES + MIN_FOOTER_BYTES + WalFooterEncoder.TRAILER_BYTES;
        if (objectLength < least || tail.remaining() < WalFooterEncoder.TRAILER_BYTES) {
            throw new CorruptObjectException("WAL object is cut off", object, objectLength)
                    .with("length", objectLength);
        }
        long position = objectLength - WalFooterEncoder.TRAILER_BYTES;
        var fields = new FieldReader(
                tail.slice(tail.limit() - WalFooterEncoder.TRAILER_BYTES, WalFooterEncoder.TRAILER_BYTES),
                object,
                position);
        int footerBytes = fields.i32();
        fields.i32();
        fields.expectI32(WalFooterEncoder.END_MAGIC, "WAL object does not end in its end mark");
        long most = Math.min(position - WalHeader.BYTES, limits.maxFooterBytes() - WalFooterEncoder.TRAILER_BYTES);
        if (footerBytes < MIN_FOOTER_BYTES || footerBytes > most) {
            throw new CorruptObjectException("WAL footer has an impossible length", object, position)
                    .with("length", footerBytes);
        }
        return footerBytes;
    }

    /**
     * Reads a whole object and verifies everything: header, footer, the checksum of each chunk, and that each batch is
     * what the footer says of it.
     *
     * @param whole the object from position to limit; shared, not copied
     * @throws CorruptObjectException if anything is wrong
     */
    public WalFooter parse(ByteBuffer whole, String object) {
        var header = parseHeader(whole, object);
        var footer = switch (parseTail(whole, whole.remaining(), object)) {
            case WalTail.Complete complete -> complete.footer();
            case WalTail.Incomplete incomplete ->
                throw new CorruptObjectException("WAL object is cut off", object, whole.remaining())
                        .with("tailBytes", incomplete.tailBytes());
        };
        if (!header.equals(footer.header())) {
            throw new CorruptObjectException("WAL header and footer are of different objects", object, 0)
                    .expected(header, footer.header());
        }
        if (footer instanceof WalData data) {
            data.chunks().forEach(chunk -> checkChunk(chunk, whole, object));
        }
        return footer;
    }

    private static void checkChunk(WalChunk chunk, ByteBuffer whole, String object) {
        var bytes = verifiedBytes(chunk, chunk.bytesIn(whole), object);
        var described = chunk.batches().iterator();
        for (RecordBatchView batch : RecordBatches.of(bytes, object, chunk.position())) {
            int position = chunk.position() + batch.position();
            boolean same = described.hasNext()
                    && described.next().equals(WalBatch.of(batch, position))
                    && batch.partitionLeaderEpoch() == chunk.leaderEpoch();
            if (!same) {
                throw new CorruptObjectException("WAL batch is not the one that the footer describes", object, position)
                        .with("batch", batch);
            }
        }
        if (described.hasNext()) {
            throw new CorruptObjectException("WAL footer describes more batches than there are", object, chunk.end());
        }
    }

    /**
     * The bytes of a chunk in a whole object that has not been verified, with the chunk's checksum checked.
     *
     * @param whole the object from position to limit; shared, not copied
     * @throws CorruptObjectException if the object is too short or the bytes do not match
     */
    public ByteBuffer chunkBytes(ByteBuffer whole, WalChunk chunk, String object) {
        if (chunk.end() > whole.remaining()) {
            throw new CorruptObjectException("WAL object is cut off", object, whole.remaining())
                    .with("chunk", chunk.key());
        }
        return verifiedBytes(chunk, chunk.bytesIn(whole), object);
    }

    private static ByteBuffer verifiedBytes(WalChunk chunk, ByteBuffer bytes, String object) {
        if (!chunk.crcMatches(bytes)) {
            throw new CorruptObjectException("WAL chunk does not match its checksum", object, chunk.position())
                    .with("chunk", chunk.key());
        }
        return bytes;
    }
}
