package io.kafscale.objectstore.local;

import io.kafscale.objectstore.Payload;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes and reads the bytes of object files, a window at a time: the JDK copies heap buffers through native memory of the same
 * size, so a whole object at once would cost its size again. Stateless.
 */
final class ObjectFiles {
    private static final int WINDOW_BYTES = 1 << 20;
    private static final int WINDOW_SLICES = 256;

    private ObjectFiles() {}

    /** Creates {@code file}, writes the payload with gathering writes, and syncs it. */
    static void write(Path file, Payload payload, DiskSync sync) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            List<ByteBuffer> window = new ArrayList<>();
            int bytes = 0;
            for (ByteBuffer slice : payload.slices()) {
                while (slice.hasRemaining()) {
                    int count = Math.min(slice.remaining(), WINDOW_BYTES - bytes);
                    window.add(slice.slice(slice.position(), count));
                    slice.position(slice.position() + count);
                    bytes += count;
                    if (bytes == WINDOW_BYTES || window.size() == WINDOW_SLICES) {
                        writeFully(channel, window);
                        window.clear();
                        bytes = 0;
                    }
                }
            }
            writeFully(channel, window);
            sync.file(channel);
        }
    }

    private static void writeFully(FileChannel channel, List<ByteBuffer> window) throws IOException {
        ByteBuffer[] buffers = window.toArray(ByteBuffer[]::new);
        int first = 0;
        while (first < buffers.length) {
            channel.write(buffers, first, buffers.length - first);
            while (first < buffers.length && !buffers[first].hasRemaining()) {
                first++;
            }
        }
    }

    /** {@code count} bytes from {@code position}, which the file has. */
    static ByteBuffer read(FileChannel channel, long position, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        while (bytes.hasRemaining()) {
            int at = bytes.position();
            ByteBuffer window = bytes.slice(at, Math.min(WINDOW_BYTES, bytes.remaining()));
            int read = channel.read(window, position + at);
            if (read < 0) {
                throw new EOFException("the file ends at " + (position + at) + ", before byte " + (position + count));
            }
            bytes.position(at + read);
        }
        return bytes.flip();
    }
}
