package io.kafscale.format.internal;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.Crc32c;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * Reads big-endian fields of a stored object in order. Every read is checked against the bytes that are there, and every
 * count against the smallest size its elements can have, so that no length in a damaged or hostile object leads to an
 * allocation larger than the object itself. Not thread-safe; the caller's buffer does not move.
 */
public final class FieldReader {
    private final ByteBuffer bytes;
    private final String object;
    private final long objectPosition;

    /**
     * @param bytes the fields, from position to limit
     * @param object name for errors
     * @param objectPosition where in the object the first field lies, for errors
     */
    public FieldReader(ByteBuffer bytes, String object, long objectPosition) {
        this.bytes = bytes.slice();
        this.object = object;
        this.objectPosition = objectPosition;
    }

    /** Name of the object, for errors. */
    public String object() {
        return object;
    }

    /** Position of the next field in the object. */
    public long position() {
        return objectPosition + bytes.position();
    }

    /** Bytes not read yet. */
    public int remaining() {
        return bytes.remaining();
    }

    /** Next byte. */
    public byte i8() {
        return need(Byte.BYTES).get();
    }

    /** Next unsigned 16-bit number. */
    public int u16() {
        return need(Short.BYTES).getShort() & 0xffff;
    }

    /** Next signed 16-bit number. */
    public short i16() {
        return need(Short.BYTES).getShort();
    }

    /** Next signed 32-bit number. */
    public int i32() {
        return need(Integer.BYTES).getInt();
    }

    /** Next signed 64-bit number. */
    public long i64() {
        return need(Long.BYTES).getLong();
    }

    /** Next signed 32-bit number, which must not be negative. */
    public int nonNegativeI32(String title) {
        int value = i32();
        if (value < 0) {
            throw corrupt(title, -Integer.BYTES).with("found", value);
        }
        return value;
    }

    /** Next signed 64-bit number, which must not be negative. */
    public long nonNegativeI64(String title) {
        long value = i64();
        if (value < 0) {
            throw corrupt(title, -Long.BYTES).with("found", value);
        }
        return value;
    }

    /** Next id, most significant bits first. */
    public UUID uuid() {
        return new UUID(i64(), i64());
    }

    /** Next string: a 16-bit length, then as many bytes of UTF-8. */
    public String string(int maxBytes) {
        int length = u16();
        if (length > maxBytes || length > remaining()) {
            throw corrupt("string is longer than it can be", -Short.BYTES).with("length", length);
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(take(length)).toString();
        } catch (CharacterCodingException e) {
            var corrupt = corrupt("string is not UTF-8", -length);
            corrupt.initCause(e);
            throw corrupt;
        }
    }

    /** Next count of elements, each of which takes at least {@code minBytesEach} of the bytes that follow. */
    public int count(int minBytesEach) {
        int count = i32();
        if (count < 0 || count > remaining() / minBytesEach) {
            throw corrupt("count is larger than the bytes that follow allow", -Integer.BYTES)
                    .with("count", count)
                    .with("remaining", remaining());
        }
        return count;
    }

    /** A reader of the next bytes, as many as a 32-bit length says that comes first. */
    public FieldReader block() {
        int length = count(1);
        long start = position();
        return new FieldReader(take(length), object, start);
    }

    /** The next bytes, shared with the object. */
    public ByteBuffer take(int length) {
        need(length);
        var taken = bytes.slice(bytes.position(), length);
        bytes.position(bytes.position() + length);
        return taken;
    }

    /** Next number, which must be this one. */
    public void expectI32(int expected, String title) {
        int found = i32();
        if (found != expected) {
            throw corrupt(title, -Integer.BYTES).expected(Crc32c.toHex(expected), Crc32c.toHex(found));
        }
    }

    /** Next number, which must be this one. */
    public void expectU16(int expected, String title) {
        int found = u16();
        if (found != expected) {
            throw corrupt(title, -Short.BYTES).expected(expected, found);
        }
    }

    /** Nothing may follow. */
    public void expectEnd(String title) {
        if (bytes.hasRemaining()) {
            throw corrupt(title, 0).with("remaining", remaining());
        }
    }

    /** The exception for damage at the next field, or that many bytes away from it. */
    public CorruptObjectException corrupt(String title, int distance) {
        return new CorruptObjectException(title, object, position() + distance);
    }

    private ByteBuffer need(int length) {
        if (length > bytes.remaining()) {
            throw corrupt("object ends inside a field", 0)
                    .with("needed", length)
                    .with("remaining", remaining());
        }
        return bytes;
    }
}
