package io.kafscale.metastore.embedded;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** Reads the frames of one file in order. For one thread. */
final class FrameReader implements Closeable {
    private static final int WINDOW = 256 << 10;

    private final Path file;
    private final FileChannel channel;
    private final long size;
    private final ByteBuffer window = ByteBuffer.allocate(WINDOW).limit(0);
    private long windowStart;
    private long position;

    FrameReader(Path file) throws IOException {
        this.file = file;
        this.channel = FileChannel.open(file, StandardOpenOption.READ);
        this.size = channel.size();
    }

    Path file() {
        return file;
    }

    /** Where the next frame begins. */
    long position() {
        return position;
    }

    boolean atEnd() {
        return position == size;
    }

    long size() {
        return size;
    }

    /** The body of the frame at the position, which moves behind it; empty, and the position stays, if there is no whole frame. */
    Optional<ByteBuffer> next() throws IOException {
        Optional<ByteBuffer> body = frameAt(position);
        body.ifPresent(found -> position += Frame.HEADER + found.remaining());
        return body;
    }

    /** The body of the first whole frame that begins at {@code from} or later, with the position behind it; empty if there is none. */
    Optional<ByteBuffer> scan(long from) throws IOException {
        for (long at = from; at + Frame.HEADER < size; at++) {
            if (bytes(at, 1).get(0) == (byte) (Frame.MAGIC >>> 24)) {
                Optional<ByteBuffer> body = frameAt(at);
                if (body.isPresent()) {
                    position = at + Frame.HEADER + body.get().remaining();
                    return body;
                }
            }
        }
        return Optional.empty();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private Optional<ByteBuffer> frameAt(long at) throws IOException {
        if (at + Frame.HEADER > size) {
            return Optional.empty();
        }
        ByteBuffer header = bytes(at, Frame.HEADER);
        int magic = header.getInt();
        int length = header.getInt();
        int crc = header.getInt();
        if (magic != Frame.MAGIC || length <= 0 || length > Frame.MAX_BODY || at + Frame.HEADER + length > size) {
            return Optional.empty();
        }
        ByteBuffer body = ByteBuffer.allocate(length);
        body.put(0, bytes(at + Frame.HEADER, length), 0, length);
        return Frame.crc(length, body.duplicate()) == crc ? Optional.of(body) : Optional.empty();
    }

    /** A view of {@code length} bytes that exist, valid until the next call. */
    private ByteBuffer bytes(long at, int length) throws IOException {
        if (length > WINDOW) {
            ByteBuffer large = ByteBuffer.allocate(length);
            read(large, at);
            return large.flip();
        }
        if (at < windowStart || at + length > windowStart + window.limit()) {
            window.clear().limit((int) Math.min(WINDOW, size - at));
            windowStart = at;
            read(window, at);
            window.flip();
        }
        return window.slice((int) (at - windowStart), length);
    }

    private void read(ByteBuffer target, long at) throws IOException {
        while (target.hasRemaining()) {
            if (channel.read(target, at + target.position()) < 0) {
                throw new EOFException(file + " became shorter while it was read");
            }
        }
    }
}
