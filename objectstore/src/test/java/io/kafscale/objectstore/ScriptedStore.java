package io.kafscale.objectstore;

import io.kafscale.objectstore.StorageException.Kind;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** An in-memory store whose next calls fail as scripted. For one thread. */
final class ScriptedStore implements ObjectStore {
    private final ObjectStore store = InMemoryObjectStore.inline();
    private final ArrayDeque<Kind> failures = new ArrayDeque<>();
    private int calls;
    private boolean hanging;

    void failNext(Kind... kinds) {
        failures.addAll(List.of(kinds));
    }

    void hang() {
        hanging = true;
    }

    int calls() {
        return calls;
    }

    private <T> CompletableFuture<T> scripted(String key, Supplier<CompletableFuture<T>> call) {
        calls++;
        if (hanging) {
            return new CompletableFuture<>();
        }
        var failure = failures.poll();
        return failure == null
                ? call.get()
                : CompletableFuture.failedFuture(new StorageException(failure, key, "scripted"));
    }

    @Override
    public CompletableFuture<PutOutcome> putIfAbsent(String key, Payload payload) {
        return scripted(key, () -> store.putIfAbsent(key, payload));
    }

    @Override
    public CompletableFuture<ByteBuffer> get(String key, int maxBytes, ReadMemory memory) {
        return scripted(key, () -> store.get(key, maxBytes, memory));
    }

    @Override
    public CompletableFuture<ByteBuffer> getRange(String key, long position, int length, ReadMemory memory) {
        return scripted(key, () -> store.getRange(key, position, length, memory));
    }

    @Override
    public CompletableFuture<ObjectTail> getTail(String key, int length) {
        return scripted(key, () -> store.getTail(key, length));
    }

    @Override
    public CompletableFuture<ObjectPage> list(String prefix, String startAfter, int limit) {
        return scripted(prefix, () -> store.list(prefix, startAfter, limit));
    }

    @Override
    public CompletableFuture<Void> delete(List<String> keys) {
        return scripted("", () -> store.delete(keys));
    }

    @Override
    public String describe() {
        return "scripted:";
    }

    @Override
    public void close() {
        store.close();
    }
}
