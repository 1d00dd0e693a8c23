package io.kafscale.objectstore;

import io.kafscale.objectstore.StorageException.Kind;
import io.kafscale.runtime.TimeSource;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The object store of {@code memory:}: everything is gone with the process, so it is for tests, simulations and trying things out.
 * Thread-safe. Each call does its whole work, the reading of a payload included, in one task on the executor it was given: until
 * that task runs nothing has landed. An executor that runs tasks inline makes it synchronous.
 */
public final class InMemoryObjectStore implements ObjectStore {
    /** One object; {@code bytes} is from position 0 to its limit, and never handed out. */
    private record StoredObject(ByteBuffer bytes, long lastModifiedMs) {}

    private final NavigableMap<String, StoredObject> objects = new ConcurrentSkipListMap<>();
    private final Executor executor;
    private final TimeSource time;
    private volatile boolean closed;

    /** An empty store whose calls run on {@code executor}; {@code time} dates the objects. */
    public InMemoryObjectStore(Executor executor, TimeSource time) {
        this.executor = executor;
        this.time = time;
    }

    /** An empty store whose calls are done before they return, on the calling thread. */
    public static InMemoryObjectStore inline() {
        return new InMemoryObjectStore(Runnable::run, TimeSource.system());
    }

    @Override
    public CompletableFuture<PutOutcome> putIfAbsent(String key, Payload payload) {
        payload.retain();
        return submit(key, () -> land(key, payload), payload::release);
    }

    private PutOutcome land(String key, Payload payload) {
        ObjectKeys.checkKey(key);
        if (payload.length() > Integer.MAX_VALUE) {
            throw new StorageException(Kind.INVALID, key, "memory holds no object of " + payload.length() + " bytes");
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) payload.length());
        payload.slices().forEach(bytes::put);
        var before = objects.putIfAbsent(key, new StoredObject(bytes.flip(), time.wallClockMs()));
        return before == null ? PutOutcome.CREATED : PutOutcome.ALREADY_EXISTS;
    }

    @Override
    public CompletableFuture<ByteBuffer> get(String key, int maxBytes, ReadMemory memory) {
        return read(key, bytes -> {
            if (bytes.limit() > maxBytes) {
                throw new StorageException(
                        Kind.TOO_LARGE, key, "the object has " + bytes.limit() + " bytes, more than " + maxBytes);
            }
            return copy(bytes, 0, bytes.limit(), memory);
        });
    }

    @Override
    public CompletableFuture<ByteBuffer> getRange(String key, long position, int length, ReadMemory memory) {
        return read(key, bytes -> {
            if (position < 0 || length < 0) {
                throw new StorageException(Kind.INVALID, key, "no such range: " + length + " bytes from " + position);
            }
            int from = (int) Math.min(position, bytes.limit());
            return copy(bytes, from, Math.min(length, bytes.limit() - from), memory);
        });
    }

    @Override
    public CompletableFuture<ObjectTail> getTail(String key, int length) {
        return read(key, bytes -> {
            if (length < 0) {
                throw new StorageException(Kind.INVALID, key, "no such tail: " + length + " bytes");
            }
            int count = Math.min(length, bytes.limit());
            return new ObjectTail(bytes.limit(), copy(bytes, bytes.limit() - count, count, ReadMemory.HEAP));
        });
    }

    private <T> CompletableFuture<T> read(String key, Function<ByteBuffer, T> reader) {
        return submit(
                key,
                () -> {
                    ObjectKeys.checkKey(key);
                    var object = objects.get(key);
                    if (object == null) {
                        throw new StorageException(Kind.NOT_FOUND, key, "no such object");
                    }
                    return reader.apply(object.bytes);
                },
                InMemoryObjectStore::nothing);
    }

    private static ByteBuffer copy(ByteBuffer bytes, int from, int count, ReadMemory memory) {
        return memory.take(count).put(0, bytes, from, count);
    }

    @Override
    public CompletableFuture<ObjectPage> list(String prefix, String startAfter, int limit) {
        return submit(prefix, () -> page(prefix, startAfter, limit), InMemoryObjectStore::nothing);
    }

    private ObjectPage page(String prefix, String startAfter, int limit) {
        ObjectKeys.checkPrefix(prefix);
        ObjectPage.checkLimit(prefix, limit);
        boolean fromPrefix = startAfter.compareTo(prefix) < 0;
        var from = fromPrefix ? objects.tailMap(prefix, true) : objects.tailMap(startAfter, false);
        var page = new ArrayList<ObjectSummary>();
        for (var entry : from.entrySet()) {
            if (!entry.getKey().startsWith(prefix)) {
                break;
            }
            if (page.size() == limit) {
                return new ObjectPage(page, true);
            }
            var object = entry.getValue();
            page.add(new ObjectSummary(entry.getKey(), object.bytes.limit(), object.lastModifiedMs));
        }
        return new ObjectPage(page, false);
    }

    @Override
    public CompletableFuture<Void> delete(List<String> keys) {
        List<String> doomed = List.copyOf(keys);
        return submit(
                doomed.isEmpty() ? "" : doomed.getFirst(),
                () -> {
                    doomed.forEach(ObjectKeys::checkKey);
                    doomed.forEach(objects::remove);
                    return null;
                },
                InMemoryObjectStore::nothing);
    }

    @Override
    public String describe() {
        return "memory:";
    }

    @Override
    public void close() {
        closed = true;
    }

    private static void nothing() {}

    private <T> CompletableFuture<T> submit(String key, Supplier<T> work, Runnable atEnd) {
        var result = new CompletableFuture<T>();
        try {
            executor.execute(() -> run(key, work, atEnd, result));
        } catch (RejectedExecutionException shutDown) {
            atEnd.run();
            result.completeExceptionally(
                    new StorageException(Kind.CLOSED, key, "the store's executor has shut down", shutDown));
        }
        return result;
    }

    private <T> void run(String key, Supplier<T> work, Runnable atEnd, CompletableFuture<T> result) {
        T value;
        try {
            if (closed) {
                throw new StorageException(Kind.CLOSED, key, "the store is closed");
            }
            value = work.get();
        } catch (Throwable failure) {
            atEnd.run();
            result.completeExceptionally(StorageException.of(failure, Kind.INVALID, key));
            return;
        }
        atEnd.run();
        result.complete(value);
    }
}
