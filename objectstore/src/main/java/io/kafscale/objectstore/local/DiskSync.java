package io.kafscale.objectstore.local;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The two kinds of fsync. Stateless; tests put failing ones in its place. */
interface DiskSync {
    /** The file's bytes and size are on the disk when this returns. */
    void file(FileChannel file) throws IOException;

    /** The directory's entries are on the disk when this returns. */
    void directory(Path directory) throws IOException;

    /** Real fsyncs. */
    static DiskSync toDisk() {
        return new DiskSync() {
            @Override
            public void file(FileChannel file) throws IOException {
                file.force(true);
            }

            @Override
            public void directory(Path directory) throws IOException {
                try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                    channel.force(true);
                }
            }
        };
    }

    /** No fsync at all: a power failure loses what the operating system had not written by itself. */
    static DiskSync none() {
        return new DiskSync() {
            @Override
            public void file(FileChannel file) {
                // The operating system writes it when it likes.
            }

            @Override
            public void directory(Path directory) {
                // The operating system writes it when it likes.
            }
        };
    }
}
