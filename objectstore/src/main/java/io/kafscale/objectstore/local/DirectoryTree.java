package io.kafscale.objectstore.local;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * The directories below a store's root: made when an object needs them, removed when the last one has gone, on the disk before an
 * object in them counts. Thread-safe: who names an object holds the shared lock from making the directory to syncing it, who
 * removes directories the exclusive one, so no object gets a name in a directory that is going away.
 */
final class DirectoryTree {
    private final Path root;
    private final DirectorySyncs syncs;
    private final ReadWriteLock structure = new ReentrantReadWriteLock();

    /** Directories that exist and whose entry in their parent is on the disk, as are those of all their ancestors. */
    private final Set<Path> durable = ConcurrentHashMap.newKeySet();

    /** A step that gives an object its name in an existing directory. */
    interface Link {
        /** Returns whether the name is new. */
        boolean create() throws IOException;
    }

    /** The tree below {@code root}, an existing directory whose own entry is on the disk. */
    DirectoryTree(Path root, DiskSync sync) {
        this.root = root;
        this.syncs = new DirectorySyncs(sync);
        durable.add(root);
    }

    /**
     * Makes {@code directory}, runs {@code link} and returns its answer when the name it made, or found, is on the disk.
     *
     * @throws DirectorySyncs.SyncFailedException when a directory could not be synced: what it holds is in doubt
     */
    boolean publish(Path directory, Link link) throws IOException {
        structure.readLock().lock();
        try {
            return ensureAndLink(directory, link);
        } catch (NoSuchFileException removedFromOutside) {
            durable.removeIf(known -> !known.equals(root));
            return ensureAndLink(directory, link);
        } finally {
            structure.readLock().unlock();
        }
    }

    private boolean ensureAndLink(Path directory, Link link) throws IOException {
        ensure(directory);
        boolean created = link.create();
        // A name that was there already may be another call's that has not been synced yet: it must not count before it
        // is.
        syncs.sync(directory);
        return created;
    }

    private void ensure(Path directory) throws IOException {
        if (durable.contains(directory)) {
            return;
        }
        Path parent = parentOf(directory);
        ensure(parent);
        try {
            Files.createDirectory(directory);
        } catch (FileAlreadyExistsException exists) {
            if (!Files.isDirectory(directory)) {
                throw exists;
            }
            // Somebody else made it a moment ago and may not have synced the parent yet: both do.
        }
        syncs.sync(parent);
        durable.add(directory);
    }

    /** Removes {@code directory} and those of its ancestors that are empty then, the root never. */
    void removeIfEmpty(Path directory) throws IOException {
        structure.writeLock().lock();
        try {
            for (Path d = directory; !d.equals(root); d = parentOf(d)) {
                try {
                    Files.deleteIfExists(d);
                } catch (DirectoryNotEmptyException stillUsed) {
                    return;
                }
                durable.remove(d);
            }
        } finally {
            structure.writeLock().unlock();
        }
    }

    /** Syncs {@code directory} if it is still there. */
    void syncIfExists(Path directory) throws IOException {
        try {
            syncs.sync(directory);
        } catch (NoSuchFileException gone) {
            // Its removal is no secret worth keeping through a power failure: an empty directory that comes back does
            // no harm.
            durable.remove(directory);
        }
    }

    /** Syncs every directory of the tree: after a crash, when a name may be visible without being on the disk. */
    void syncAll() throws IOException {
        try (var paths = Files.walk(root)) {
            for (Path directory : (Iterable<Path>) paths.filter(Files::isDirectory)::iterator) {
                syncs.sync(directory);
            }
        }
    }

    private static Path parentOf(Path directory) {
        Path parent = directory.getParent();
        if (parent == null) {
            throw new IllegalArgumentException(directory + " is outside of the store");
        }
        return parent;
    }
}
