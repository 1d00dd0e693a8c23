package io.kafscale.objectstore.s3;

import io.kafscale.objectstore.StorageException;
import io.kafscale.objectstore.StorageException.Kind;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;

/** What the SDK's failures mean to the port. Stateless. */
final class S3Failures {
    /** Whether the failed request could have written something: then silence is not proof that it did not. */
    enum Access {
        WRITE,
        READ;

        private Kind inDoubt() {
            return this == WRITE ? Kind.OUTCOME_UNKNOWN : Kind.UNAVAILABLE;
        }
    }

    /** Error codes of status 400 that concern who asks and where, not what. */
    private static final Set<String> DENIED_AS_BAD_REQUEST = Set.of(
            "ExpiredToken",
            "InvalidToken",
            "TokenRefreshRequired",
            "InvalidSecurity",
            "AuthorizationHeaderMalformed",
            "IllegalLocationConstraintException",
            "MissingSecurityHeader");

    /** Error codes of status 400 that blame the way the bytes took. */
    private static final Set<String> TORN_AS_BAD_REQUEST = Set.of(
            "RequestTimeout",
            "IncompleteBody",
            "BadDigest",
            "XAmzContentSHA256Mismatch",
            "XAmzContentChecksumMismatch");

    private static final Set<String> THROTTLES = Set.of(
            "SlowDown",
            "Throttling",
            "ThrottlingException",
            "RequestLimitExceeded",
            "TooManyRequests",
            "BandwidthLimitExceeded");

    private S3Failures() {}

    /** The port's exception for {@code failure} of a request about {@code key}. */
    static StorageException of(Throwable failure, String key, Access access) {
        if (failure instanceof StorageException ours) {
            return ours;
        }
        if (failure instanceof AwsServiceException answered) {
            return new StorageException(kind(answered, access), key, "S3 answered " + words(answered), answered);
        }
        var none = cause(failure, CredentialsChain.NoCredentials.class);
        if (none != null) {
            return new StorageException(Kind.DENIED, key, "no AWS credentials: " + none.getMessage(), failure);
        }
        return new StorageException(access.inDoubt(), key, silence(failure), failure);
    }

    /** What the store's answer means. */
    static Kind kind(AwsServiceException answered, Access access) {
        String code = code(answered);
        return switch (answered.statusCode()) {
            case 404 -> access == Access.READ && !code.equals("NoSuchBucket") ? Kind.NOT_FOUND : Kind.DENIED;
            case 301, 401, 403 -> Kind.DENIED;
            case 409 -> Kind.CONFLICT;
            case 429 -> Kind.THROTTLED;
            case 400 -> badRequest(code, access);
            case 307, 408 -> access.inDoubt();
            case 501 -> Kind.INVALID;
            case 503 -> THROTTLES.contains(code) ? Kind.THROTTLED : access.inDoubt();
            default -> answered.statusCode() >= 500 ? access.inDoubt() : Kind.INVALID;
        };
    }

    /** The port's exception for one key's error in the answer to a deletion of many. */
    static StorageException ofDelete(String code, String message, String key) {
        Kind kind = code.equals("AccessDenied")
                ? Kind.DENIED
                : THROTTLES.contains(code) ? Kind.THROTTLED : Kind.UNAVAILABLE;
        return new StorageException(kind, key, "S3 did not delete the object: " + code + ": " + message);
    }

    private static Kind badRequest(String code, Access access) {
        if (TORN_AS_BAD_REQUEST.contains(code)) {
            return access.inDoubt();
        }
        if (DENIED_AS_BAD_REQUEST.contains(code)) {
            return Kind.DENIED;
        }
        return THROTTLES.contains(code) ? Kind.THROTTLED : Kind.INVALID;
    }

    /** The store's error code, empty where it sent none. */
    static String code(AwsServiceException answered) {
        var details = answered.awsErrorDetails();
        String code = details == null ? null : details.errorCode();
        return code == null ? "" : code;
    }

    /** The store's or the SDK's own words. */
    static String words(Throwable failure) {
        if (!(failure instanceof AwsServiceException answered)) {
            Throwable none = cause(failure, CredentialsChain.NoCredentials.class);
            return String.valueOf(none == null ? failure.getMessage() : none.getMessage());
        }
        var details = answered.awsErrorDetails();
        String message = details == null ? null : details.errorMessage();
        String request = answered.requestId();
        return answered.statusCode() + " " + code(answered) + (message == null ? "" : ": " + message)
                + (request == null ? "" : " (request " + request + ")");
    }

    /** Why there was no answer. */
    static String silence(Throwable failure) {
        if (failure instanceof ApiCallTimeoutException || failure instanceof ApiCallAttemptTimeoutException) {
            return "no answer from S3 in time";
        }
        var unknown = cause(failure, UnknownHostException.class);
        if (unknown != null) {
            return "the host cannot be found: " + unknown.getMessage();
        }
        var refused = cause(failure, ConnectException.class);
        if (refused != null) {
            return "no connection to S3: " + refused.getMessage();
        }
        return "the connection to S3 failed: " + failure.getMessage();
    }

    /** The first of {@code failure} and its causes that is a {@code type}. */
    static @Nullable Throwable cause(Throwable failure, Class<? extends Throwable> type) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < 20; depth++) {
            if (type.isInstance(cause)) {
                return cause;
            }
            cause = cause.getCause();
        }
        return null;
    }
}
