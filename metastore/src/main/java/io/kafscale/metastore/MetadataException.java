package io.kafscale.metastore;

/** A failed metadata-store call. */
public final class MetadataException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** What a failure means to the caller. */
    public enum Kind {
        /** A write may have been applied or may be applied later: read back before the next step. */
        OUTCOME_UNKNOWN,
        /** The store could not be reached; nothing was applied. */
        UNAVAILABLE,
        /** The store is full and refuses writes; nothing was applied. */
        NO_SPACE,
        /** The store refuses us: user, password, certificate. */
        DENIED,
        /** The lease a write names does not exist (any more); nothing was applied. */
        LEASE_GONE,
        /** The stored state is damaged or of a version this code does not know. */
        CORRUPT,
        /** The store was closed. */
        CLOSED
    }

    private final Kind kind;

    /** A failure of {@code kind}. */
    public MetadataException(Kind kind, String what) {
        super(what + " [" + kind + "]");
        this.kind = kind;
    }

    /** A failure of {@code kind} that the store or the transport reported. */
    public MetadataException(Kind kind, String what, Throwable cause) {
        super(what + " [" + kind + "]", cause);
        this.kind = kind;
    }

    /** What it means to the caller. */
    public Kind kind() {
        return kind;
    }
}
