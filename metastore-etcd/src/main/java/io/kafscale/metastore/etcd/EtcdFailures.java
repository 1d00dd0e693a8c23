package io.kafscale.metastore.etcd;

import io.grpc.Status;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a failed call means. */
final class EtcdFailures {
    /** How etcd's own messages begin; what begins otherwise is the transport's. */
    private static final String ETCD = "etcdserver: ";

    /** What Netty adds for those who debug Netty. */
    private static final Pattern PIPELINE = Pattern.compile("Channel Pipeline: \\[[^]]*]");

    private EtcdFailures() {}

    /**
     * The failure of a read, or of a write that may have been applied unless etcd says otherwise.
     *
     * @param what was called where, for the message
     */
    static MetadataException of(Status status, boolean write, String what) {
        Kind kind = refusal(status);
        if (kind == null) {
            kind = write ? Kind.OUTCOME_UNKNOWN : Kind.UNAVAILABLE;
        }
        return new MetadataException(kind, what + " failed: " + describe(status), status.asRuntimeException());
    }

    /** The failure of a call that never left this process. */
    static MetadataException unsent(Status status, String what) {
        return new MetadataException(
                Kind.UNAVAILABLE, what + " was not sent: " + describe(status), status.asRuntimeException());
    }

    /** What etcd says that lets nothing be applied; null if the status says nothing of the kind. */
    private static @Nullable Kind refusal(Status status) {
        return switch (status.getCode()) {
            case PERMISSION_DENIED, UNAUTHENTICATED -> Kind.DENIED;
            case NOT_FOUND -> saysLeaseNotFound(status) ? Kind.LEASE_GONE : null;
            case RESOURCE_EXHAUSTED ->
                says(status, "database space exceeded")
                        ? Kind.NO_SPACE
                        : says(status, ETCD + "too many requests") ? Kind.UNAVAILABLE : null;
            // Too large, too many operations, an unknown user, authentication that is not enabled: it will not be
            // different
            // next time.
            case INVALID_ARGUMENT, FAILED_PRECONDITION -> says(status, ETCD) ? Kind.DENIED : null;
            default -> null;
        };
    }

    /** Nothing was heard of the member in time, or it has not heard of the others, or it is not there. */
    static boolean isSilence(Status status) {
        return switch (status.getCode()) {
            case UNAVAILABLE, DEADLINE_EXCEEDED -> true;
            // The deadline travels with the request, and this is what etcd says when it passes there first.
            case UNKNOWN -> says(status, "context deadline exceeded") || says(status, "context canceled");
            default -> false;
        };
    }

    static boolean saysLeaseNotFound(Status status) {
        return status.getCode() == Status.Code.NOT_FOUND && says(status, "requested lease not found");
    }

    /** The revision asked for is in the compacted past. */
    static boolean saysCompacted(Status status) {
        return status.getCode() == Status.Code.OUT_OF_RANGE && says(status, "has been compacted");
    }

    /** The answer was there but larger than we accept. */
    static boolean saysTooLargeForUs(Status status) {
        return status.getCode() == Status.Code.RESOURCE_EXHAUSTED && !says(status, ETCD);
    }

    /** The token is not, or no longer, known; a new one helps. Tokens are looked at before anything is applied. */
    static boolean saysTokenIsStale(Status status) {
        return says(status, ETCD + "invalid auth token")
                || says(status, ETCD + "revision of auth store is old")
                || says(status, "auth: revision in header is old");
    }

    private static boolean says(Status status, String words) {
        String description = status.getDescription();
        return description != null && description.contains(words);
    }

    /** One line: what the server or the transport said, and what the transport met. */
    static String describe(Status status) {
        var text = new StringBuilder(status.getCode().toString());
        String description = status.getDescription();
        if (description != null) {
            String brief = PIPELINE.matcher(description).replaceAll("");
            text.append(": ").append(brief.replaceAll("\\s+", " ").trim());
        }
        @Nullable Throwable cause = status.getCause();
        while (cause != null && cause.getCause() != null && !cause.getCause().equals(cause)) {
            cause = cause.getCause();
        }
        if (cause != null && cause.getMessage() != null) {
            text.append(" (").append(cause.getMessage()).append(')');
        }
        return text.toString();
    }

    /** The status that {@code failure} came from, if it came from one. */
    static @Nullable Status statusOf(Throwable failure) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof io.grpc.StatusRuntimeException known) {
                return known.getStatus();
            }
        }
        return null;
    }
}
