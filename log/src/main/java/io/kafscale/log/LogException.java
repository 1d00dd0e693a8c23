package io.kafscale.log;

/** Why the log refused or could not finish a request. The broker maps each kind to one Kafka error code, in one place. */
public final class LogException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** The kinds, each with the state of the world it describes. */
    public enum Kind {
        /** This broker does not lead the partition (now, or any more); the client should refresh its metadata. */
        NOT_LEADER,
        /** There is no such partition. */
        UNKNOWN_PARTITION,
        /** The request names a leader epoch older than the current one. */
        FENCED_LEADER_EPOCH,
        /** The request names a leader epoch newer than this broker knows. */
        UNKNOWN_LEADER_EPOCH,
        /** The offset lies below the log start offset or above the log end; to delete up to it, above the high watermark. */
        OFFSET_OUT_OF_RANGE,
        /** An idempotent batch whose sequence does not follow the last one. */
        OUT_OF_ORDER_SEQUENCE,
        /** An idempotent batch with an epoch older than its producer's current one. */
        INVALID_PRODUCER_EPOCH,
        /** A batch repeats a sequence too old to be recognised as one particular earlier batch. */
        DUPLICATE_SEQUENCE,
        /** A batch or request larger than the topic allows. */
        TOO_LARGE,
        /** The deadline passed; the records may or may not be in the log. */
        TIMED_OUT,
        /** The object store does not answer well enough to serve this; nothing is lost, retry. */
        STORAGE_UNAVAILABLE,
        /** Stored bytes are damaged; the message names the object. */
        CORRUPT,
        /** The topic keeps everything (compaction accepted as such); the operation needs a policy that deletes. */
        POLICY_VIOLATION,
        /** The log is shutting down. */
        CLOSED
    }

    private final Kind kind;

    /** An exception without a cause; cheap, since most of these are answers and not faults. */
    public LogException(Kind kind, String what) {
        super(what, null, false, false);
        this.kind = kind;
    }

    /** An exception with the failure behind it. */
    public LogException(Kind kind, String what, Throwable cause) {
        super(what, cause);
        this.kind = kind;
    }

    /** What happened, as far as a caller needs to know. */
    public Kind kind() {
        return kind;
    }
}
