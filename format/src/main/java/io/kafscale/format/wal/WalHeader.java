package io.kafscale.format.wal;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.Crc32c;
import io.kafscale.format.StreamId;
import io.kafscale.format.WalKey;
import io.kafscale.format.internal.FieldReader;
import java.nio.ByteBuffer;

/**
 * The first 56 bytes of every WAL object, which its footer repeats. All fields are fixed when the object is first built; a
 * retry sends the same bytes. Immutable; any thread.
 *
 * @param kind what the object is
 * @param stream the stream it is part of; for a seal the stream that it ends, not the sealer's
 * @param sequence its place in the stream
 * @param nonce drawn at random for each object that is built, to tell an object that landed from one that somebody else
 *     wrote at the same place
 * @param trimPosition sequence before which every object may be deleted
 * @param commitPosition sequence before which every object is acknowledged
 */
public record WalHeader(Kind kind, StreamId stream, long sequence, long nonce, long trimPosition, long commitPosition) {
    /** Bytes of the header. */
    public static final int BYTES = 56;
    /** The four characters {@code KWAL}. */
    public static final int MAGIC = 0x4b57414c;
    /** The version that is written and read. */
    public static final int VERSION = 1;

    private static final int CRC_OFFSET = BYTES - Integer.BYTES;

    /** The kinds of WAL objects. */
    public enum Kind {
        /** Starts a stream, at sequence 0. */
        GENESIS(1),
        /** Record batches. */
        DATA(2),
        /** Ends a stream: nothing at its sequence or behind was acknowledged. */
        SEAL(3);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        /** The number in the header. */
        public int code() {
            return code;
        }
    }

    public WalHeader {
        if (!isOrdered(sequence, trimPosition, commitPosition)) {
            throw new IllegalArgumentException("WAL positions out of order: trim " + trimPosition + ", commit "
                    + commitPosition + ", sequence " + sequence);
        }
        if (!isPlace(kind, sequence)) {
            throw new IllegalArgumentException("no place for a " + kind + " object: sequence " + sequence);
        }
    }

    /** Reads the header at the start of an object; more bytes than the header's may be there. */
    public static WalHeader parse(ByteBuffer start, String object) {
        return parse(new FieldReader(start, object, 0), start.duplicate());
    }

    /** Reads the copy of the header with which a footer starts. */
    static WalHeader parse(FieldReader fields, ByteBuffer bytes) {
        fields.expectI32(MAGIC, "not a WAL object: wrong magic");
        fields.expectU16(VERSION, "WAL object has an unknown version");
        int code = fields.i8();
        int reserved = fields.i8();
        int brokerId = fields.i32();
        long brokerEpoch = fields.i64();
        long sequence = fields.i64();
        long nonce = fields.i64();
        long trimPosition = fields.i64();
        long commitPosition = fields.i64();
        int stored = fields.i32();
        int computed = Crc32c.of(bytes, bytes.position(), CRC_OFFSET);
        if (stored != computed) {
            throw fields.corrupt("WAL header does not match its checksum", -Integer.BYTES)
                    .expected(Crc32c.toHex(stored), Crc32c.toHex(computed));
        }
        var kind = kind(code, fields);
        boolean sane = reserved == 0 && brokerId >= 0 && brokerEpoch >= 0;
        if (!sane || !isOrdered(sequence, trimPosition, commitPosition) || !isPlace(kind, sequence)) {
            throw fields.corrupt("WAL header has impossible fields", -BYTES)
                    .with("kind", kind)
                    .with("stream", brokerId + "-" + brokerEpoch)
                    .with("sequence", sequence)
                    .with("trimPosition", trimPosition)
                    .with("commitPosition", commitPosition);
        }
        return new WalHeader(kind, new StreamId(brokerId, brokerEpoch), sequence, nonce, trimPosition, commitPosition);
    }

    private static Kind kind(int code, FieldReader fields) {
        for (Kind kind : Kind.values()) {
            if (kind.code() == code) {
                return kind;
            }
        }
        throw fields.corrupt("WAL object is of an unknown kind", -BYTES).with("kind", code);
    }

    private static boolean isOrdered(long sequence, long trimPosition, long commitPosition) {
        return 0 <= trimPosition && trimPosition <= commitPosition && commitPosition <= sequence;
    }

    private static boolean isPlace(Kind kind, long sequence) {
        return switch (kind) {
            case GENESIS -> sequence == 0;
            case DATA -> sequence > 0;
            case SEAL -> sequence >= 0;
        };
    }

    /** The key that an object with this header lives under. */
    public WalKey key() {
        return new WalKey(stream, sequence);
    }

    /**
     * Checks that an object is the one that its key names.
     *
     * @throws CorruptObjectException if it is another
     */
    public void requireKey(WalKey expected, String object) {
        if (!key().equals(expected)) {
            throw new CorruptObjectException("WAL object is not the one that its key names", object, 0)
                    .expected(expected, key());
        }
    }

    /** The header's bytes in a new buffer. */
    public ByteBuffer encode() {
        var bytes = ByteBuffer.allocate(BYTES)
                .putInt(MAGIC)
                .putShort((short) VERSION)
                .put((byte) kind.code())
                .put((byte) 0)
                .putInt(stream.brokerId())
                .putLong(stream.brokerEpoch())
                .putLong(sequence)
                .putLong(nonce)
                .putLong(trimPosition)
                .putLong(commitPosition);
        return bytes.putInt(Crc32c.of(bytes, 0, CRC_OFFSET)).flip();
    }
}
