package io.kafscale.metastore.embedded;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** What the journal does to the file system, apart from reading: a seam for tests that let it fail or crash at any step. */
interface Disk {
    /** A file being appended to. */
    interface Output extends Closeable {
        /** Appends everything that remains in {@code bytes}. */
        void write(ByteBuffer bytes) throws IOException;

        /** Returns when everything written is on the disk; after a failure nothing is known of what was written since the last. */
        void force() throws IOException;
    }

    /** A new file; fails if it exists. */
    Output create(Path file) throws IOException;

    /** Renames within a directory, replacing what is there, at once or not at all. */
    void rename(Path from, Path to) throws IOException;

    /** Removes a file. */
    void delete(Path file) throws IOException;

    /** Returns when the entries of {@code directory} are on the disk. */
    void forceDirectory(Path directory) throws IOException;

    /** The real one. */
    static Disk real() {
        return new Disk() {
            @Override
            public Output create(Path file) throws IOException {
                return output(FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW));
            }

            @Override
            public void rename(Path from, Path to) throws IOException {
                Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }

            @Override
            public void delete(Path file) throws IOException {
                Files.delete(file);
            }

            @Override
            public void forceDirectory(Path directory) throws IOException {
                try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                    channel.force(true);
                }
            }
        };
    }

    private static Output output(FileChannel channel) {
        return new Output() {
            @Override
            public void write(ByteBuffer bytes) throws IOException {
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            }

            @Override
            public void force() throws IOException {
                channel.force(false);
            }

            @Override
            public void close() throws IOException {
                channel.close();
            }
        };
    }
}
