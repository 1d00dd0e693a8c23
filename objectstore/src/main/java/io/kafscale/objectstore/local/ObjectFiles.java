package io.kafscale.objectstore.local;

import io.kafscale.objectstore.Payload;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Writes and reads the bytes of object files by way of {@link TransferBuffers}: a file takes native memory only. Stateless.
 */
final class ObjectFiles {
    private ObjectFiles() {}

    /** Creates {@code file}, writes the payload through a buffer of {@code buffers}, and syncs it. */
    static void write(Path file, Payload payload, TransferBuffers buffers, DiskSync sync) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer buffer = buffers.take();
            try {
                copy(payload, buffer, channel);
            } finally {
                buffers.giveBack(buffer);
            }
            sync.file(channel);
        }
    }

    private static void copy(Payload payload, ByteBuffer buffer, FileChannel channel) throws IOException {
        for (ByteBuffer slice : payload.slices()) {
            while (slice.hasRemaining()) {
                int count = Math.min(slice.remaining(), buffer.remaining());
                buffer.put(buffer.position(), slice, slice.position(), count);
                buffer.position(buffer.position() + count);
                slice.position(slice.position() + count);
                if (!buffer.hasRemaining()) {
                    drain(buffer, channel);
                }
            }
        }
        drain(buffer, channel);
    }

    private static void drain(ByteBuffer buffer, FileChannel channel) throws IOException {
        buffer.flip();
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        buffer.clear();
    }

    /** {@code count} bytes from {@code position}, which the file has. */
    static ByteBuffer read(FileChannel channel, long position, int count, TransferBuffers buffers) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        ByteBuffer buffer = buffers.take();
        try {
            while (bytes.hasRemaining()) {
                int at = bytes.position();
                buffer.clear().limit(Math.min(buffer.capacity(), bytes.remaining()));
                if (channel.read(buffer, position + at) < 0) {
                    throw new EOFException(
                            "the file ends at " + (position + at) + ", before byte " + (position + count));
                }
                bytes.put(buffer.flip());
            }
        } finally {
            buffers.giveBack(buffer);
        }
        return bytes.flip();
    }
}
