package io.kafscale.objectstore;

import io.kafscale.runtime.FutureFailure;

/** A failed object-store call: what kind of failure, on which key. The message of the cause carries the store's own words. */
public final class StorageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** What a failure means to the caller. */
    public enum Kind {
        /** There is no such object. On a known key: refresh the catalogue and look again. */
        NOT_FOUND,
        /** A write that may have landed or may land later: timeout, lost connection, 5xx. Retry with the same key and bytes. */
        OUTCOME_UNKNOWN,
        /** The store asks for fewer requests (503 SlowDown, 429). A write may still have landed. */
        THROTTLED,
        /** A concurrent write to the same key is under way (409). Retry with the same key and bytes. */
        CONFLICT,
        /** A read failed on the way: timeout, lost connection, 5xx, torn transfer. Worth repeating. */
        UNAVAILABLE,
        /** The store refuses us: credentials, permissions, clock skew, missing bucket. Nothing landed. */
        DENIED,
        /** The object is larger than the caller allowed. */
        TOO_LARGE,
        /** The request itself is wrong or the store cannot do it. Nothing landed; repeating does not help. */
        INVALID,
        /** The store was closed. */
        CLOSED;

        /** Whether the same call may succeed later without anybody changing anything. */
        public boolean isTransient() {
            return switch (this) {
                case OUTCOME_UNKNOWN, THROTTLED, CONFLICT, UNAVAILABLE, DENIED -> true;
                case NOT_FOUND, TOO_LARGE, INVALID, CLOSED -> false;
            };
        }
    }

    private final Kind kind;
    private final String key;

    /** A failure of {@code kind} on {@code key}, found by this code. */
    public StorageException(Kind kind, String key, String what) {
        super(describe(kind, key, what));
        this.kind = kind;
        this.key = key;
    }

    /** A failure of {@code kind} on {@code key} that the store or the transport reported. */
    public StorageException(Kind kind, String key, String what, Throwable cause) {
        super(describe(kind, key, what), cause);
        this.kind = kind;
        this.key = key;
    }

    private static String describe(Kind kind, String key, String what) {
        return what + " [" + kind + (key.isEmpty() ? "]" : ", key " + key + "]");
    }

    /**
     * The storage failure inside {@code failure}, however many futures have wrapped it on its way here; anything else becomes one of
     * kind {@code otherwise}.
     */
    public static StorageException of(Throwable failure, Kind otherwise, String key) {
        Throwable bare = FutureFailure.cause(failure);
        return bare instanceof StorageException storage
                ? storage
                : new StorageException(otherwise, key, "unexpected failure: " + bare, bare);
    }

    /** What it means to the caller. */
    public Kind kind() {
        return kind;
    }

    /** The object or prefix it happened on; empty when it concerns the store as a whole. */
    public String key() {
        return key;
    }
}
