package io.kafscale.objectstore;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A flat space of immutable objects. Thread-safe. Keys are relative to the store's root and follow {@link ObjectKeys}; no key ever
 * holds two contents, and no key is another one's directory ({@code a} and {@code a/b}): a store may refuse that with
 * {@link StorageException.Kind#INVALID}. Futures fail with {@link StorageException} only, never wrapped, and complete on any thread,
 * so what depends on them must not block.
 */
public interface ObjectStore extends AutoCloseable {
    /** What a create-if-absent put found. */
    enum PutOutcome {
        /** The object was created by this call and is durable. */
        CREATED,
        /** An object with this key was there already; nothing was written. It may be our own earlier attempt. */
        ALREADY_EXISTS
    }

    /**
     * Creates {@code key} with the payload's bytes in one atomic, durable step, or finds that it exists. The bytes must not change
     * before the payload is released: the store retains the payload for each attempt and releases it only when that attempt has
     * ended in the transport, even if the returned future ended earlier.
     *
     * @return fails with {@link StorageException.Kind#OUTCOME_UNKNOWN} when the object may have landed or may land later
     */
    CompletableFuture<PutOutcome> putIfAbsent(String key, Payload payload);

    /**
     * The whole object, in a buffer of {@code memory} that the caller gives back. Where the read fails, the store has given it back
     * before the future completes, and nothing is written to it any more.
     *
     * @param maxBytes refuse (with {@link StorageException.Kind#TOO_LARGE}) to take more memory than this
     */
    CompletableFuture<ByteBuffer> get(String key, int maxBytes, ReadMemory memory);

    /** The whole object, in a fresh heap buffer that belongs to the caller. */
    default CompletableFuture<ByteBuffer> get(String key, int maxBytes) {
        return get(key, maxBytes, ReadMemory.HEAP);
    }

    /**
     * {@code length} bytes from {@code position}, fewer where the object ends, in a buffer of {@code memory} as with
     * {@link #get(String, int, ReadMemory)}. A range that starts at or beyond the end, or has no length, gives an empty buffer, but the
     * object must exist. One request.
     */
    CompletableFuture<ByteBuffer> getRange(String key, long position, int length, ReadMemory memory);

    /** Bytes of an object, in a fresh heap buffer that belongs to the caller. */
    default CompletableFuture<ByteBuffer> getRange(String key, long position, int length) {
        return getRange(key, position, length, ReadMemory.HEAP);
    }

    /** The last {@code length} bytes, or the whole object where it is shorter, and the object's size. One request. */
    CompletableFuture<ObjectTail> getTail(String key, int length);

    /**
     * One page of keys with {@code prefix}, in ascending order of their UTF-8 bytes, strictly after {@code startAfter} (the empty
     * string lists from the start). The prefix may end anywhere in a key, {@code startAfter} may be any ASCII string. One request.
     *
     * @param limit at most this many, 1 to {@link ObjectPage#MAX_LIMIT}
     */
    CompletableFuture<ObjectPage> list(String prefix, String startAfter, int limit);

    /** Deletes the objects; one that does not exist counts as deleted. Not atomic. Any number of keys; stores batch as they can. */
    CompletableFuture<Void> delete(List<String> keys);

    /** What and where this is, for messages: {@code s3://bucket/prefix}, {@code file:///dir}. */
    String describe();

    /**
     * Releases connections and locks. Calls under way may fail with {@link StorageException.Kind#CLOSED}: a put that does may still
     * have landed. Calls made later fail with it. Closing twice does nothing.
     */
    @Override
    void close();
}
