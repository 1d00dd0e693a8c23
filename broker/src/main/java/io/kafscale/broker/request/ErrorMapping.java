package io.kafscale.broker.request;

import io.kafscale.log.LogException;
import io.kafscale.metastore.MetadataException;
import io.kafscale.runtime.FutureFailure;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiError;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place where a failure becomes a Kafka error code. Immutable, any thread.
 *
 * <p>What nobody foresaw becomes UNKNOWN_SERVER_ERROR and is logged with its trace; nothing becomes success.
 */
public final class ErrorMapping {
    private static final Logger LOG = LoggerFactory.getLogger(ErrorMapping.class);

    private final Errors unavailableFetchError;

    /** A mapping; {@code unavailableFetchError} answers fetches that need a store which does not answer. */
    public ErrorMapping(Errors unavailableFetchError) {
        this.unavailableFetchError = unavailableFetchError;
    }

    /** The code for a failed produce, and for all else that is not a read of records. */
    public Errors of(Throwable failure) {
        return switch (FutureFailure.cause(failure)) {
            case LogException known -> of(known.kind());
            case MetadataException known -> of(known.kind(), known);
            case ApiException known -> Errors.forException(known);
            case Throwable unknown -> {
                LOG.error("A request failed in a way that nobody foresaw", unknown);
                yield Errors.UNKNOWN_SERVER_ERROR;
            }
        };
    }

    /** The code for a failed read of records. */
    public Errors ofFetch(Throwable failure) {
        return FutureFailure.cause(failure) instanceof LogException known
                        && known.kind() == LogException.Kind.STORAGE_UNAVAILABLE
                ? unavailableFetchError
                : of(failure);
    }

    /** Code and message, where a response has room for one. */
    public ApiError explained(Throwable failure) {
        Throwable cause = FutureFailure.cause(failure);
        Errors error = of(cause);
        boolean ours = error != Errors.UNKNOWN_SERVER_ERROR || cause instanceof MetadataException;
        return new ApiError(error, ours ? cause.getMessage() : error.message());
    }

    /** The code for each way in which the log refuses. */
    public static Errors of(LogException.Kind kind) {
        return switch (kind) {
            case NOT_LEADER, CLOSED -> Errors.NOT_LEADER_OR_FOLLOWER;
            case UNKNOWN_PARTITION -> Errors.UNKNOWN_TOPIC_OR_PARTITION;
            case FENCED_LEADER_EPOCH -> Errors.FENCED_LEADER_EPOCH;
            case UNKNOWN_LEADER_EPOCH -> Errors.UNKNOWN_LEADER_EPOCH;
            case OFFSET_OUT_OF_RANGE -> Errors.OFFSET_OUT_OF_RANGE;
            case OUT_OF_ORDER_SEQUENCE -> Errors.OUT_OF_ORDER_SEQUENCE_NUMBER;
            case INVALID_PRODUCER_EPOCH -> Errors.INVALID_PRODUCER_EPOCH;
            case DUPLICATE_SEQUENCE -> Errors.DUPLICATE_SEQUENCE_NUMBER;
            case TOO_LARGE -> Errors.MESSAGE_TOO_LARGE;
            case TIMED_OUT -> Errors.REQUEST_TIMED_OUT;
            case STORAGE_UNAVAILABLE -> Errors.KAFKA_STORAGE_ERROR;
            case CORRUPT -> Errors.CORRUPT_MESSAGE;
            case POLICY_VIOLATION -> Errors.POLICY_VIOLATION;
        };
    }

    private static Errors of(MetadataException.Kind kind, MetadataException failure) {
        return switch (kind) {
            case OUTCOME_UNKNOWN, UNAVAILABLE, LEASE_GONE -> Errors.REQUEST_TIMED_OUT;
            case CLOSED -> Errors.BROKER_NOT_AVAILABLE;
            case NO_SPACE, DENIED, CORRUPT -> {
                LOG.error("The metadata store failed a request", failure);
                yield Errors.UNKNOWN_SERVER_ERROR;
            }
        };
    }
}
