package io.kafscale.objectstore;

import io.kafscale.objectstore.StorageException.Kind;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Lets read and list, and refuses to put and to delete: for tools that must change nothing. Thread-safe. */
public final class ReadOnlyObjectStore implements ObjectStore {
    private final ObjectStore store;

    /** Reads from {@code store}, which it closes with itself. */
    public ReadOnlyObjectStore(ObjectStore store) {
        this.store = store;
    }

    @Override
    public CompletableFuture<PutOutcome> putIfAbsent(String key, Payload payload) {
        return CompletableFuture.failedFuture(refused(key));
    }

    @Override
    public CompletableFuture<ByteBuffer> get(String key, int maxBytes, ReadMemory memory) {
        return store.get(key, maxBytes, memory);
    }

    @Override
    public CompletableFuture<ByteBuffer> getRange(String key, long position, int length, ReadMemory memory) {
        return store.getRange(key, position, length, memory);
    }

    @Override
    public CompletableFuture<ObjectTail> getTail(String key, int length) {
        return store.getTail(key, length);
    }

    @Override
    public CompletableFuture<ObjectPage> list(String prefix, String startAfter, int limit) {
        return store.list(prefix, startAfter, limit);
    }

    @Override
    public CompletableFuture<Void> delete(List<String> keys) {
        return CompletableFuture.failedFuture(refused(keys.isEmpty() ? "" : keys.getFirst()));
    }

    private static StorageException refused(String key) {
        return new StorageException(Kind.INVALID, key, "the store is open for reading only");
    }

    @Override
    public String describe() {
        return store.describe();
    }

    @Override
    public void close() {
        store.close();
    }
}
