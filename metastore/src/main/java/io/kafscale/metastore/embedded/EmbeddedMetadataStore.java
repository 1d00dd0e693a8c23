package io.kafscale.metastore.embedded;

import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.Lease;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.RangeResult;
import io.kafscale.metastore.Transaction;
import io.kafscale.metastore.WatchListener;
import io.kafscale.runtime.EventLoop;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

/**
 * A metadata store inside this process with the semantics of etcd: {@code memory:}, or a directory ({@code file:///dir}) whose
 * journal is on disk before anything is answered. Thread-safe; futures, listeners and timers run on the loop it is given, which
 * must outlive it. It keeps everything in memory.
 *
 * <p>Leases of an earlier process are dead when a directory is opened: keys that were attached to them are deleted then.
 */
public final class EmbeddedMetadataStore implements MetadataStore {
    private final EmbeddedServer server;
    private final CommitLog log;
    private final String description;
    private final EmbeddedClient own;

    private EmbeddedMetadataStore(EmbeddedServer server, CommitLog log, String description) {
        this.server = server;
        this.log = log;
        this.description = description;
        this.own = new EmbeddedClient(server, description);
    }

    /** An empty store that is gone with the process. */
    public static EmbeddedMetadataStore inMemory(EventLoop loop) {
        return inMemory(loop, EmbeddedSettings.defaults());
    }

    /** An empty store that is gone with the process, within other bounds. */
    public static EmbeddedMetadataStore inMemory(EventLoop loop, EmbeddedSettings settings) {
        CommitLog log = CommitLog.none();
        return new EmbeddedMetadataStore(
                new EmbeddedServer(loop, new KeySpace(), log, settings), log, "embedded metadata in memory");
    }

    /** The store in {@code directory}, which is created if it does not exist. See {@link #open(Path, EventLoop, EmbeddedSettings)}. */
    public static EmbeddedMetadataStore open(Path directory, EventLoop loop) {
        return open(directory, loop, EmbeddedSettings.defaults());
    }

    /**
     * The store in {@code directory}, which is created if it does not exist; blocks while it is read.
     *
     * @throws MetadataException of kind {@code UNAVAILABLE} if another process has it open or the disk refuses, of kind
     *     {@code CORRUPT} if a file is damaged: the message names file and position
     */
    public static EmbeddedMetadataStore open(Path directory, EventLoop loop, EmbeddedSettings settings) {
        return open(directory, loop, settings, Disk.real());
    }

    static EmbeddedMetadataStore open(Path directory, EventLoop loop, EmbeddedSettings settings, Disk disk) {
        Journal journal = Journal.open(directory, settings, disk);
        return new EmbeddedMetadataStore(
                new EmbeddedServer(loop, journal.takeLoaded(), journal, settings),
                journal,
                "embedded metadata in " + directory);
    }

    /**
     * Another client of the same store, as another process would be one of etcd: closing it ends its watches and keep-alives only,
     * and its leases run out.
     */
    public MetadataStore client() {
        return new EmbeddedClient(server, description);
    }

    /** Completes when the disk failed: the store refuses everything from then on, and only a restart mends that. */
    public CompletableFuture<MetadataException> failed() {
        return server.failed();
    }

    @Override
    public CompletableFuture<Optional<KeyValue>> get(String key) {
        return own.get(key);
    }

    @Override
    public CompletableFuture<RangeResult> range(String prefix) {
        return own.range(prefix);
    }

    @Override
    public CompletableFuture<CommitResult> commit(Transaction transaction) {
        return own.commit(transaction);
    }

    @Override
    public Watch watch(String prefix, long fromRevision, WatchListener listener) {
        return own.watch(prefix, fromRevision, listener);
    }

    @Override
    public CompletableFuture<Lease> grantLease(Duration timeToLive) {
        return own.grantLease(timeToLive);
    }

    /** Nobody needs to call this: the history is bounded by the settings. */
    @Override
    public CompletableFuture<Void> compact(long revision) {
        return own.compact(revision);
    }

    @Override
    public String describe() {
        return description;
    }

    /**
     * Refuses further calls, of all clients, and returns when everything accepted is on disk and the directory is released; at once
     * if there is no directory.
     */
    @Override
    public void close() {
        own.close();
        EventLoop loop = server.loop();
        if (loop.inLoop()) {
            server.shutdown();
        } else {
            refuseOn(loop);
        }
        log.close();
    }

    private void refuseOn(EventLoop loop) {
        var refusing = new CompletableFuture<Void>();
        try {
            loop.execute(() -> {
                server.shutdown();
                refusing.complete(null);
            });
        } catch (RejectedExecutionException ended) {
            // Nothing can be accepted any more; the directory has to be released all the same.
            return;
        }
        if (log.blocks()) {
            // What was accepted before has to reach the log before the log is closed.
            refusing.join();
        }
    }
}
