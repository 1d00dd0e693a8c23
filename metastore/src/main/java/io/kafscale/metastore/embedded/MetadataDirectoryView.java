package io.kafscale.metastore.embedded;

import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.Lease;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.RangeResult;
import io.kafscale.metastore.Transaction;
import io.kafscale.metastore.WatchListener;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * The metadata in the directory of an embedded store, read beside the broker that works on it: every call reads the files as they are,
 * takes no lock and changes nothing. It may show a commit that the broker has not answered yet. Writes, watches and leases are refused.
 * Thread-safe; futures complete on virtual threads.
 */
public final class MetadataDirectoryView implements MetadataStore {
    private static final int ATTEMPTS = 20;

    private final Path directory;
    private final JournalLoader loader;

    private MetadataDirectoryView(Path directory) {
        this.directory = directory;
        this.loader = new JournalLoader(new JournalFiles(directory, Disk.real()));
    }

    /**
     * A view of {@code directory}.
     *
     * @throws MetadataException of kind {@code UNAVAILABLE} if there is no such directory
     */
    public static MetadataDirectoryView of(Path directory) {
        if (!Files.isDirectory(directory)) {
            throw new MetadataException(Kind.UNAVAILABLE, "there is no metadata directory " + directory);
        }
        return new MetadataDirectoryView(directory);
    }

    @Override
    public CompletableFuture<Optional<KeyValue>> get(String key) {
        return read(keys -> keys.get(key));
    }

    @Override
    public CompletableFuture<RangeResult> range(String prefix) {
        return read(keys -> new RangeResult(keys.revision(), keys.range(prefix)));
    }

    private <T> CompletableFuture<T> read(Function<KeySpace, T> question) {
        return CompletableFuture.supplyAsync(() -> question.apply(load()), Thread::startVirtualThread);
    }

    /** The broker may begin a new journal and delete the old ones meanwhile: then the directory is read again. */
    private KeySpace load() {
        for (int attempt = 1; ; attempt++) {
            try {
                KeySpace keys = loader.view();
                if (!isInUse()) {
                    keys.apply(keys.revision() + 1, JournalLoader.deadLeases(keys));
                }
                return keys;
            } catch (NoSuchFileException | EOFException moved) {
                if (attempt == ATTEMPTS) {
                    throw new MetadataException(
                            Kind.UNAVAILABLE, directory + " kept changing while it was read", moved);
                }
            } catch (IOException failed) {
                throw new MetadataException(Kind.UNAVAILABLE, directory + " cannot be read: " + failed, failed);
            }
        }
    }

    /** Registrations end with the process that keeps them, whose id is in the lock file. */
    private boolean isInUse() throws IOException {
        try {
            String pid = Files.readString(directory.resolve(DirectoryLock.FILE_NAME), StandardCharsets.US_ASCII)
                    .strip();
            return pid.matches("[0-9]{1,18}")
                    && ProcessHandle.of(Long.parseLong(pid))
                            .filter(ProcessHandle::isAlive)
                            .isPresent();
        } catch (NoSuchFileException neverOpened) {
            return false;
        }
    }

    @Override
    public CompletableFuture<Void> compact(long revision) {
        return CompletableFuture.failedFuture(refused());
    }

    @Override
    public CompletableFuture<CommitResult> commit(Transaction transaction) {
        return CompletableFuture.failedFuture(refused());
    }

    @Override
    public Watch watch(String prefix, long fromRevision, WatchListener listener) {
        throw refused();
    }

    @Override
    public CompletableFuture<Lease> grantLease(Duration timeToLive) {
        return CompletableFuture.failedFuture(refused());
    }

    private MetadataException refused() {
        return new MetadataException(Kind.DENIED, "the metadata directory " + directory + " is open for reading only");
    }

    @Override
    public String describe() {
        return "embedded metadata in " + directory;
    }

    @Override
    public void close() {
        // Nothing is held open.
    }
}
