package io.kafscale.objectstore.local;

import io.kafscale.objectstore.BlockingCalls;
import io.kafscale.objectstore.ObjectKeys;
import io.kafscale.objectstore.ObjectPage;
import io.kafscale.objectstore.ObjectStore;
import io.kafscale.objectstore.ObjectTail;
import io.kafscale.objectstore.Payload;
import io.kafscale.objectstore.ReadMemory;
import io.kafscale.objectstore.ReadOnlyObjectStore;
import io.kafscale.objectstore.StorageException;
import io.kafscale.objectstore.StorageException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The object store of {@code file:///dir}: each object is the file of its key, whole or absent, on the disk when its put is
 * answered. One process at a time. Thread-safe; futures complete on threads of the store.
 *
 * <p>A put writes a temporary file in {@code .tmp}, syncs it, renames it to its final name and syncs the directory and each one it had
 * to make. A rename would replace what is there, so one put at a time looks whether the name is free and renames; no other process
 * gets past the lock. A crash may leave a name that is visible and not on the disk: the mark of an open store that the next open finds
 * tells of it, and the whole tree is synced before anything visible counts. A failed fsync is never tried again on the same file: of
 * a file, the put fails and the next attempt writes a new one; of a directory, which cannot be written anew, the store takes no more
 * puts until it is opened again and says so through {@link #failed()}.
 */
public final class LocalObjectStore implements ObjectStore {
    private static final Logger log = LoggerFactory.getLogger(LocalObjectStore.class);

    private final LocalStoreSettings settings;
    private final Path root;
    private final Path temporary;
    private final @Nullable DirectoryLock lock;
    private final DirectoryTree tree;
    private final ObjectFiles files;
    /** Held by whoever gives an object its name: looking and renaming must be one step. No fsync happens under it. */
    private final Object naming = new Object();

    private final BlockingCalls puts;
    private final BlockingCalls reads;
    private final AtomicLong nextTemporary = new AtomicLong();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final CompletableFuture<StorageException> failed = new CompletableFuture<>();
    private volatile @Nullable IOException damage;

    private LocalObjectStore(LocalStoreSettings settings, Path root, @Nullable DirectoryLock lock, DiskSync sync) {
        this.settings = settings;
        this.root = root;
        this.temporary = root.resolve(LocalStoreOpening.TEMPORARY);
        this.lock = lock;
        this.files = new ObjectFiles(sync);
        this.tree = new DirectoryTree(root, sync);
        this.puts = BlockingCalls.onPlatformThreads("local-store-put", settings.maxConcurrentPuts());
        this.reads = BlockingCalls.onPlatformThreads("local-store-read", settings.maxConcurrentReads());
    }

    /**
     * Opens the store, making its directory if it is absent. Blocks on the disk.
     *
     * @throws StorageException of kind {@link Kind#DENIED} when the directory is in use by another process or may not be written,
     *     {@link Kind#INVALID} when it is not a directory
     */
    public static LocalObjectStore open(LocalStoreSettings settings) {
        return open(settings, settings.fsync() ? DiskSync.toDisk() : DiskSync.none());
    }

    static LocalObjectStore open(LocalStoreSettings settings, DiskSync sync) {
        return LocalStoreOpening.open(
                settings.directory(), sync, (root, lock) -> new LocalObjectStore(settings, root, lock, sync));
    }

    /**
     * Opens the store for reading, beside the process that uses it: takes no lock, changes nothing, and refuses puts and deletes.
     *
     * @throws StorageException of kind {@link Kind#INVALID} when there is no such directory
     */
    public static ObjectStore openForReading(LocalStoreSettings settings) {
        try {
            Path root = settings.directory().toRealPath();
            return new ReadOnlyObjectStore(new LocalObjectStore(settings, root, null, DiskSync.none()));
        } catch (IOException failed) {
            throw new StorageException(
                    Kind.INVALID, "", "the directory " + settings.directory() + " cannot be read: " + failed, failed);
        }
    }

    /**
     * Files of writes that have not ended: those of a process that died, or under way in one that lives. Blocks on the disk.
     *
     * @throws IOException if the directory cannot be read
     */
    public static List<Path> unfinishedWrites(Path directory) throws IOException {
        try (var files = Files.list(directory.resolve(LocalStoreOpening.TEMPORARY))) {
            return files.filter(file -> !file.endsWith(LocalStoreOpening.OPEN))
                    .sorted()
                    .toList();
        } catch (NoSuchFileException neverOpened) {
            return List.of();
        }
    }

    @Override
    public CompletableFuture<PutOutcome> putIfAbsent(String key, Payload payload) {
        payload.retain();
        Function<Throwable, StorageException> failure = f -> storageException(f, Kind.OUTCOME_UNKNOWN, key);
        return puts.submit(new BlockingCalls.Call<>(key, () -> put(key, payload), failure, payload::release));
    }

    private PutOutcome put(String key, Payload payload) throws IOException {
        ObjectKeys.checkKey(key);
        if (damage != null) {
            throw new StorageException(
                    Kind.OUTCOME_UNKNOWN,
                    key,
                    "the store takes no puts since an fsync failed: check the disk and restart",
                    damage);
        }
        Path target = root.resolve(key);
        if (Files.exists(target)) {
            return publish(key, target, () -> false);
        }
        Path file = temporary.resolve(nextTemporary.getAndIncrement() + ".tmp");
        boolean renamed = false;
        try {
            files.write(file, payload);
            PutOutcome outcome = publish(key, target, () -> renameUnlessTaken(file, target));
            renamed = outcome == PutOutcome.CREATED;
            return outcome;
        } finally {
            if (!renamed) {
                Files.deleteIfExists(file);
            }
        }
    }

    private PutOutcome publish(String key, Path target, DirectoryTree.Link link) throws IOException {
        try {
            Path directory = target.getParent() == null ? root : target.getParent();
            if (tree.publish(directory, link)) {
                return PutOutcome.CREATED;
            }
            if (Files.isDirectory(target)) {
                throw new StorageException(Kind.INVALID, key, "the key is the directory of other objects");
            }
            return PutOutcome.ALREADY_EXISTS;
        } catch (DirectorySyncs.SyncFailedException failed) {
            takeNoMorePuts(failed);
            throw failed;
        }
    }

    private void takeNoMorePuts(DirectorySyncs.SyncFailedException doubt) {
        damage = doubt;
        String what = "the object store " + describe()
                + " takes no more puts: only another start finds out what is on the disk";
        if (failed.complete(new StorageException(Kind.OUTCOME_UNKNOWN, "", what, doubt))) {
            log.error("{} takes no more puts: a restart has to find out what is on the disk", describe(), doubt);
        }
    }

    /** Completes when an fsync of a directory has failed: no put succeeds from then on, until the store is opened again. */
    public CompletableFuture<StorageException> failed() {
        return failed.copy();
    }

    /** Of two puts of one key the second one finds the name of the first. */
    private boolean renameUnlessTaken(Path file, Path target) throws IOException {
        synchronized (naming) {
            if (isTaken(target)) {
                return false;
            }
            Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
            return true;
        }
    }

    /** Fails where the disk does not tell. {@link Files#notExists} would throw and catch an exception for each name that is free. */
    private static boolean isTaken(Path target) throws IOException {
        return target.getFileSystem().provider().readAttributesIfExists(target, BasicFileAttributes.class) != null;
    }

    @Override
    public CompletableFuture<ByteBuffer> get(String key, int maxBytes, ReadMemory memory) {
        return read(key, (file, size) -> {
            if (size > maxBytes) {
                throw new StorageException(
                        Kind.TOO_LARGE, key, "the object has " + size + " bytes, more than " + maxBytes);
            }
            return files.read(file, 0, (int) size, memory);
        });
    }

    @Override
    public CompletableFuture<ByteBuffer> getRange(String key, long position, int length, ReadMemory memory) {
        return read(key, (file, size) -> {
            if (position < 0 || length < 0) {
                throw new StorageException(Kind.INVALID, key, "no such range: " + length + " bytes from " + position);
            }
            long available = Math.max(0, size - position);
            return files.read(file, position, (int) Math.min(length, available), memory);
        });
    }

    @Override
    public CompletableFuture<ObjectTail> getTail(String key, int length) {
        return read(key, (file, size) -> {
            if (length < 0) {
                throw new StorageException(Kind.INVALID, key, "no such tail: " + length + " bytes");
            }
            int count = (int) Math.min(length, size);
            return new ObjectTail(size, files.read(file, size - count, count, ReadMemory.HEAP));
        });
    }

    /** Reads from an open object file. */
    private interface FileReader<T> {
        T read(FileChannel file, long size) throws IOException;
    }

    private <T> CompletableFuture<T> read(String key, FileReader<T> reader) {
        Callable<T> call = () -> {
            ObjectKeys.checkKey(key);
            Path path = root.resolve(key);
            if (!Files.isRegularFile(path)) {
                throw new NoSuchFileException(path.toString());
            }
            try (var file = FileChannel.open(path, StandardOpenOption.READ)) {
                return reader.read(file, file.size());
            }
        };
        return submitRead(key, call);
    }

    private <T> CompletableFuture<T> submitRead(String key, Callable<T> work) {
        Function<Throwable, StorageException> failure = f -> storageException(f, Kind.UNAVAILABLE, key);
        return reads.submit(new BlockingCalls.Call<>(key, work, failure, () -> {}));
    }

    @Override
    public CompletableFuture<ObjectPage> list(String prefix, String startAfter, int limit) {
        Callable<ObjectPage> call = () -> {
            ObjectKeys.checkPrefix(prefix);
            ObjectPage.checkLimit(prefix, limit);
            return new TreeListing(root, prefix, startAfter, limit).page();
        };
        return submitRead(prefix, call);
    }

    @Override
    public CompletableFuture<Void> delete(List<String> keys) {
        List<String> doomed = List.copyOf(keys);
        String first = doomed.isEmpty() ? "" : doomed.getFirst();
        Callable<Void> call = () -> {
            deleteNow(doomed);
            return null;
        };
        return submitRead(first, call);
    }

    private void deleteNow(List<String> keys) throws IOException {
        keys.forEach(ObjectKeys::checkKey);
        Set<Path> directories = new LinkedHashSet<>();
        for (String key : keys) {
            Path path = root.resolve(key);
            if (Files.isRegularFile(path)) {
                Files.deleteIfExists(path);
                directories.add(path.getParent());
            }
        }
        try {
            for (Path directory : directories) {
                tree.syncIfExists(directory);
                tree.removeIfEmpty(directory);
            }
        } catch (DirectorySyncs.SyncFailedException failed) {
            takeNoMorePuts(failed);
            throw failed;
        }
    }

    @Override
    public String describe() {
        return settings.directory().toAbsolutePath().normalize().toUri().toString();
    }

    /** Waits for calls that are on the disk, fails those that wait, and lets the next process in. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        puts.refuse();
        reads.refuse();
        puts.close();
        reads.close();
        if (lock == null) {
            return;
        }
        try {
            if (damage == null) {
                LocalStoreOpening.unmark(root);
            }
            lock.close();
        } catch (IOException failed) {
            log.warn("could not leave {} in order: the next open syncs it", describe(), failed);
        }
    }

    private static StorageException storageException(Throwable failure, Kind otherwise, String key) {
        if (failure instanceof NoSuchFileException && otherwise == Kind.UNAVAILABLE) {
            return new StorageException(Kind.NOT_FOUND, key, "no such object", failure);
        }
        String words = failure.getMessage();
        return switch (failure) {
            case AccessDeniedException denied ->
                new StorageException(Kind.DENIED, key, "the file may not be accessed: " + words, denied);
            case FileAlreadyExistsException file ->
                new StorageException(Kind.INVALID, key, "an object has the name of a directory of this key", file);
            case IOException failed -> new StorageException(otherwise, key, "the disk failed: " + words, failed);
            default -> StorageException.of(failure, otherwise, key);
        };
    }
}
