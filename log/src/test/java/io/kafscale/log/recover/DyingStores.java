package io.kafscale.log.recover;

import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.ForwardingMetadataStore;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.Lease;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.RangeResult;
import io.kafscale.metastore.Transaction;
import io.kafscale.metastore.WatchListener;
import io.kafscale.objectstore.ObjectPage;
import io.kafscale.objectstore.ObjectStore;
import io.kafscale.objectstore.ObjectTail;
import io.kafscale.objectstore.Payload;
import io.kafscale.objectstore.ReadMemory;
import io.kafscale.objectstore.StorageException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** The stores as a process sees them that dies at a given write: with it, or right behind it. From then on nothing answers. */
final class DyingStores {
    private final int lastWrite;
    private final boolean applied;
    private int writes;
    private boolean dead;

    /**
     * A process to die.
     *
     * @param lastWrite the number of the write it dies at, from 1 on
     * @param applied whether that write still takes effect
     */
    DyingStores(int lastWrite, boolean applied) {
        this.lastWrite = lastWrite;
        this.applied = applied;
    }

    int writes() {
        return writes;
    }

    boolean isDead() {
        return dead;
    }

    private <T> CompletableFuture<T> write(Supplier<CompletableFuture<T>> call, RuntimeException death) {
        if (dead) {
            return CompletableFuture.failedFuture(death);
        }
        if (++writes == lastWrite) {
            dead = true;
            if (applied) {
                return call.get().thenCompose(_ -> CompletableFuture.failedFuture(death));
            }
            return CompletableFuture.failedFuture(death);
        }
        return call.get();
    }

    private <T> CompletableFuture<T> read(Supplier<CompletableFuture<T>> call, RuntimeException death) {
        return dead ? CompletableFuture.failedFuture(death) : call.get();
    }

    private static StorageException storeGone() {
        return new StorageException(StorageException.Kind.CLOSED, "", "the process is dead");
    }

    private static MetadataException metadataGone() {
        return new MetadataException(MetadataException.Kind.CLOSED, "the process is dead");
    }

    ObjectStore over(ObjectStore store) {
        return new ObjectStore() {
            @Override
            public CompletableFuture<PutOutcome> putIfAbsent(String key, Payload payload) {
                return write(() -> store.putIfAbsent(key, payload), storeGone());
            }

            @Override
            public CompletableFuture<ByteBuffer> get(String key, int maxBytes, ReadMemory memory) {
                return read(() -> store.get(key, maxBytes, memory), storeGone());
            }

            @Override
            public CompletableFuture<ByteBuffer> getRange(String key, long position, int length, ReadMemory memory) {
                return read(() -> store.getRange(key, position, length, memory), storeGone());
            }

            @Override
            public CompletableFuture<ObjectTail> getTail(String key, int length) {
                return read(() -> store.getTail(key, length), storeGone());
            }

            @Override
            public CompletableFuture<ObjectPage> list(String prefix, String startAfter, int limit) {
                return read(() -> store.list(prefix, startAfter, limit), storeGone());
            }

            @Override
            public CompletableFuture<Void> delete(List<String> keys) {
                throw new AssertionError("a recovery deletes nothing");
            }

            @Override
            public String describe() {
                return store.describe();
            }

            @Override
            public void close() {
                store.close();
            }
        };
    }

    MetadataStore over(MetadataStore store) {
        return new ForwardingMetadataStore(store) {
            @Override
            public CompletableFuture<Optional<KeyValue>> get(String key) {
                return read(() -> store.get(key), metadataGone());
            }

            @Override
            public CompletableFuture<RangeResult> range(String prefix) {
                return read(() -> store.range(prefix), metadataGone());
            }

            @Override
            public CompletableFuture<CommitResult> commit(Transaction transaction) {
                return write(() -> store.commit(transaction), metadataGone());
            }

            @Override
            public Watch watch(String prefix, long fromRevision, WatchListener listener) {
                throw new AssertionError("a recovery watches nothing");
            }

            @Override
            public CompletableFuture<Lease> grantLease(Duration timeToLive) {
                throw new AssertionError("a recovery needs no lease");
            }

            @Override
            public CompletableFuture<Void> compact(long revision) {
                throw new AssertionError("a recovery compacts nothing");
            }
        };
    }
}
