package io.kafscale.objectstore.s3;

import io.kafscale.objectstore.StorageException;
import io.kafscale.objectstore.StorageException.Kind;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.sync.ResponseTransformer;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * Reads what a GET was asked for out of its answer, whether the store sent the range or, ignoring it, the whole object. Memory is
 * allocated only once the answer's own length says how much, and never beyond what was asked for. Stateless.
 */
final class ObjectBody {
    /** A rest of an answer that costs less than another connection, in bytes. */
    private static final long CHEAP_TO_READ = 64 << 10;

    /** Streams read into arrays only: into native memory by way of one of so many bytes. */
    private static final int PIECE_BYTES = 64 << 10;

    /**
     * What was read.
     *
     * @param objectSize the whole object's size
     * @param refusal why the bytes were not read, in place of them
     */
    record Content(
            long objectSize, ByteBuffer bytes, @Nullable StorageException refusal) {}

    /** Reads one answer; the SDK calls it on the thread of the call. */
    interface Reader extends ResponseTransformer<GetObjectResponse, Content> {}

    private ObjectBody() {}

    /** The whole object, unless it has more than {@code maxBytes}. */
    static Reader whole(String key, int maxBytes, IntFunction<ByteBuffer> memory) {
        return (response, body) -> {
            long size = response.contentLength();
            if (size > maxBytes) {
                body.abort();
                var refusal = new StorageException(
                        Kind.TOO_LARGE, key, "the object has " + size + " bytes, more than " + maxBytes);
                return new Content(size, ByteBuffer.allocate(0), refusal);
            }
            return new Content(size, readFully(body, (int) size, memory), null);
        };
    }

    /** At most {@code length} bytes from {@code position}. */
    static Reader range(long position, int length, IntFunction<ByteBuffer> memory) {
        return (response, body) -> {
            boolean ranged = response.contentRange() != null;
            long sent = response.contentLength();
            long available = ranged ? sent : Math.max(0, sent - position);
            long skip = ranged ? 0 : Math.min(position, sent);
            long objectSize = objectSize(response);
            body.skipNBytes(skip);
            long count = Math.min(length, available);
            return new Content(objectSize, part(body, count, sent - skip - count, memory), null);
        };
    }

    /** The last {@code length} bytes. */
    static Reader tail(int length) {
        return (response, body) -> {
            long sent = response.contentLength();
            long count = Math.min(length, sent);
            long objectSize = objectSize(response);
            body.skipNBytes(sent - count);
            return new Content(objectSize, part(body, count, 0, ByteBuffer::allocate), null);
        };
    }

    private static long objectSize(GetObjectResponse response) throws IOException {
        String range = response.contentRange();
        if (range == null) {
            return response.contentLength();
        }
        try {
            return Long.parseLong(range.substring(range.lastIndexOf('/') + 1));
        } catch (NumberFormatException unknown) {
            throw new IOException("the store's Content-Range '" + range + "' does not tell the object's size", unknown);
        }
    }

    private static ByteBuffer part(AbortableInputStream body, long count, long rest, IntFunction<ByteBuffer> memory)
            throws IOException {
        ByteBuffer bytes = readFully(body, (int) count, memory);
        if (rest > CHEAP_TO_READ) {
            // What follows was not asked for: cheaper to give the connection up than to read it.
            body.abort();
        } else {
            body.skipNBytes(rest);
        }
        return bytes;
    }

    private static ByteBuffer readFully(InputStream body, int count, IntFunction<ByteBuffer> memory)
            throws IOException {
        ByteBuffer bytes = memory.apply(count);
        if (bytes.hasArray()) {
            read(body, bytes.array(), bytes.arrayOffset(), count);
        } else {
            copy(body, bytes);
        }
        return bytes.rewind();
    }

    private static void copy(InputStream body, ByteBuffer bytes) throws IOException {
        byte[] piece = new byte[Math.min(PIECE_BYTES, bytes.remaining())];
        while (bytes.hasRemaining()) {
            int count = Math.min(piece.length, bytes.remaining());
            read(body, piece, 0, count);
            bytes.put(piece, 0, count);
        }
    }

    private static void read(InputStream body, byte[] into, int from, int count) throws IOException {
        int read = body.readNBytes(into, from, count);
        if (read < count) {
            throw new EOFException("the answer ended " + (count - read) + " bytes too early");
        }
    }
}
