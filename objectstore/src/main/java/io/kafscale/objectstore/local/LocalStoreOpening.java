package io.kafscale.objectstore.local;

import io.kafscale.objectstore.StorageException;
import io.kafscale.objectstore.StorageException.Kind;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens before a local store's first call: its directory is made, locked and marked as open, and what a crash left is cleaned
 * up. Stateless; blocks on the disk.
 */
final class LocalStoreOpening {
    private static final Logger log = LoggerFactory.getLogger(LocalStoreOpening.class);

    /** The directory of temporary files in the root. */
    static final String TEMPORARY = ".tmp";

    /** In it, the mark of a store that is open, or was when its process died. */
    static final String OPEN = "open";

    private LocalStoreOpening() {}

    /** Prepares {@code directory} and hands its real path and lock to {@code store}. */
    static <S> S open(Path directory, DiskSync sync, BiFunction<Path, DirectoryLock, S> store) {
        try {
            Path root = makeRoot(directory.toAbsolutePath().normalize(), sync);
            DirectoryLock lock = DirectoryLock.acquire(root);
            boolean prepared = false;
            try {
                prepare(root, sync);
                prepared = true;
                return store.apply(root, lock);
            } finally {
                if (!prepared) {
                    lock.close();
                }
            }
        } catch (AccessDeniedException denied) {
            throw new StorageException(
                    Kind.DENIED,
                    "",
                    "the directory " + directory + " may not be used: " + denied.getMessage()
                            + " is not accessible to this user",
                    denied);
        } catch (FileAlreadyExistsException file) {
            throw new StorageException(Kind.INVALID, "", file.getMessage() + " is not a directory", file);
        } catch (IOException failed) {
            throw new StorageException(
                    Kind.INVALID, "", "the directory " + directory + " cannot be used: " + failed, failed);
        }
    }

    private static Path makeRoot(Path directory, DiskSync sync) throws IOException {
        List<Path> missing = new ArrayList<>();
        for (Path d = directory; d != null && !Files.exists(d); d = d.getParent()) {
            missing.addFirst(d);
        }
        Files.createDirectories(directory);
        for (Path made : missing) {
            syncParent(made, sync);
        }
        if (missing.isEmpty()) {
            try {
                // An earlier process may have made it and died before this.
                syncParent(directory, sync);
            } catch (AccessDeniedException unreadable) {
                log.debug("{} was not made by this user: its entry in its parent is not ours to sync", directory);
            }
        }
        return directory.toRealPath();
    }

    private static void syncParent(Path directory, DiskSync sync) throws IOException {
        Path parent = directory.getParent();
        if (parent != null) {
            sync.directory(parent);
        }
    }

    private static void prepare(Path root, DiskSync sync) throws IOException {
        Path temporary = root.resolve(TEMPORARY);
        if (!Files.isDirectory(temporary)) {
            Files.createDirectory(temporary);
        }
        List<Path> leftovers = new ArrayList<>();
        try (var files = Files.newDirectoryStream(temporary)) {
            files.forEach(leftovers::add);
        }
        if (!leftovers.isEmpty()) {
            log.info("{} was in use by a process that died; making sure of what is in it", root);
            // An object may have got its name without that name being on the disk: whoever sees it now may rely on it.
            new DirectoryTree(root, sync).syncAll();
            for (Path leftover : leftovers) {
                Files.delete(leftover);
            }
        }
        // Not synced: of what a power failure leaves nothing is in doubt, with the mark or without it.
        Files.createFile(temporary.resolve(OPEN));
    }

    /** Takes the mark away from the store at {@code root}, in which every visible name is on the disk. */
    static void unmark(Path root) throws IOException {
        Files.deleteIfExists(root.resolve(TEMPORARY).resolve(OPEN));
    }
}
