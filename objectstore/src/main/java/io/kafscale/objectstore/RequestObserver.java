package io.kafscale.objectstore;

import io.kafscale.objectstore.StorageException.Kind;
import org.jspecify.annotations.Nullable;

/**
 * Is told of every call that passes a {@link MeteredObjectStore}. Called on any thread, also at the same time; must be quick and
 * must not throw.
 */
public interface RequestObserver {
    /**
     * A call that has ended.
     *
     * @param key its object or prefix, of a deletion the first key
     * @param bytes of the payload of a put, whatever came of it; received by a read; else 0
     * @param latencyNanos from the call to its end
     * @param failure what went wrong, absent on success; finding that an object exists is a success
     */
    record Finished(
            StoreOperation operation,
            String key,
            long bytes,
            long latencyNanos,
            @Nullable Kind failure) {}

    /** A call is about to be made. */
    default void onStarted(StoreOperation operation, String key) {}

    /** A call has ended; its future completes after this. */
    void onFinished(Finished request);
}
