package io.kafscale.objectstore.local;

import io.kafscale.objectstore.Payload;
import io.kafscale.objectstore.ReadMemory;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Writes and reads the bytes of object files. A file takes native memory only: what is on the heap goes by way of
 * {@link TransferBuffers}. Thread-safe.
 */
final class ObjectFiles {
    private final DiskSync sync;
    private final TransferBuffers buffers = new TransferBuffers();

    /** Files are synced so. */
    ObjectFiles(DiskSync sync) {
        this.sync = sync;
    }

    /** Creates {@code file}, writes the payload, and syncs it. */
    void write(Path file, Payload payload) throws IOException {
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
    ByteBuffer read(FileChannel channel, long position, int count, ReadMemory memory) throws IOException {
        ByteBuffer bytes = memory.take(count);
        try {
            if (bytes.isDirect()) {
                readNative(channel, position, bytes);
            } else {
                readByWayOfNative(channel, position, bytes);
            }
        } catch (IOException | RuntimeException failed) {
            memory.giveBack(bytes);
            throw failed;
        }
        return bytes.flip();
    }

    private static void readNative(FileChannel channel, long position, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, position + bytes.position()) < 0) {
                throw endsEarly(position, bytes);
            }
        }
    }

    private void readByWayOfNative(FileChannel channel, long position, ByteBuffer bytes) throws IOException {
        ByteBuffer buffer = buffers.take();
        try {
            while (bytes.hasRemaining()) {
                buffer.clear().limit(Math.min(buffer.capacity(), bytes.remaining()));
                if (channel.read(buffer, position + bytes.position()) < 0) {
                    throw endsEarly(position, bytes);
                }
                bytes.put(buffer.flip());
            }
        } finally {
            buffers.giveBack(buffer);
        }
    }

    private static EOFException endsEarly(long position, ByteBuffer bytes) {
        return new EOFException(
                "the file ends at " + (position + bytes.position()) + ", before byte " + (position + bytes.limit()));
    }
}
