package io.kafscale.objectstore.local;

import io.kafscale.objectstore.StorageException;
import io.kafscale.objectstore.StorageException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a second process, or a second store of this one, out of a directory: an advisory lock on the file {@code .lock}, which
 * names the holder's process id. The operating system drops the lock with the process, however it dies. Thread-safe.
 */
final class DirectoryLock implements AutoCloseable {
    /** The lock file's name in the root. */
    static final String FILE_NAME = ".lock";

    /**
     * The roots this process holds. Needed because closing any channel of a file drops the process's POSIX lock on it: a second
     * open of the same root must be refused before it touches the file.
     */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path root;
    private final FileChannel channel;
    private final FileLock lock;

    private DirectoryLock(Path root, FileChannel channel, FileLock lock) {
        this.root = root;
        this.channel = channel;
        this.lock = lock;
    }

    /**
     * Takes the lock of {@code root}, an existing directory by its real path.
     *
     * @throws StorageException of kind {@link Kind#DENIED} when somebody else holds it
     */
    static DirectoryLock acquire(Path root) throws IOException {
        if (!HELD.add(root)) {
            throw new StorageException(Kind.DENIED, "", "the directory " + root + " is already open in this process");
        }
        boolean acquired = false;
        try {
            var lock = lock(root);
            acquired = true;
            return lock;
        } finally {
            if (!acquired) {
                HELD.remove(root);
            }
        }
    }

    private static DirectoryLock lock(Path root) throws IOException {
        Path file = root.resolve(FILE_NAME);
        var channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        @Nullable FileLock lock = null;
        try {
            lock = channel.tryLock();
            if (lock == null) {
                throw new StorageException(
                        Kind.DENIED,
                        "",
                        "the directory " + root + " is in use by " + holder(channel) + ": stop that process or choose"
                                + " another directory");
            }
            channel.truncate(0);
            String content = "pid " + ProcessHandle.current().pid() + "\n";
            channel.write(ByteBuffer.wrap(content.getBytes(StandardCharsets.US_ASCII)), 0);
            return new DirectoryLock(root, channel, lock);
        } finally {
            if (lock == null) {
                channel.close();
            }
        }
    }

    private static String holder(FileChannel channel) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(64);
        channel.read(content, 0);
        String name = new String(content.array(), 0, content.position(), StandardCharsets.US_ASCII).strip();
        return name.isEmpty() ? "another process" : "another process (" + name + ")";
    }

    /** Drops the lock. The file stays: deleting it could take it from under a process that has just opened it. */
    @Override
    public void close() throws IOException {
        try (channel) {
            lock.release();
        } finally {
            HELD.remove(root);
        }
    }
}
