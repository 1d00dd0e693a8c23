package io.kafscale.wire;

import io.kafscale.runtime.FutureFailure;
import java.util.Map;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.UnknownServerException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.jspecify.annotations.Nullable;

/**
 * Turns what a handler answered into what goes out. Never fails: a response that cannot be encoded becomes the request's
 * error response, and where there is none the connection closes. Thread-safe.
 */
final class ResponseEncoder {
    /** What to do for a request that was answered. */
    sealed interface Reply {}

    /** Send this. */
    record Write(ResponseSend send, int throttleMs) implements Reply {}

    /** Send nothing, by contract. */
    record Silence(int throttleMs) implements Reply {}

    /** There is no way to tell the client but this. */
    record Close(String reason) implements Reply {}

    private final ThrottledLog log;

    ResponseEncoder(ThrottledLog log) {
        this.log = log;
    }

    Reply encode(InFlightRequest request) {
        Throwable thrown = request.failure();
        Throwable failure = thrown == null ? null : FutureFailure.cause(thrown);
        AbstractResponse response = request.response();
        if (failure != null) {
            logUnlessExpected(request, failure);
        }
        if (!request.expectsResponse()) {
            return withoutResponse(request, response, failure);
        }
        if (failure != null) {
            return errorResponse(request, failure);
        }
        if (response == null) {
            var missing = new UnknownServerException("the request was not answered");
            log.error("handler gave no response to " + request, missing);
            return errorResponse(request, missing);
        }
        try {
            return write(request, response);
        } catch (RuntimeException e) {
            log.error("cannot encode the response to " + request, e);
            return errorResponse(request, new UnknownServerException("the response could not be encoded"));
        }
    }

    private Reply withoutResponse(
            InFlightRequest request, @Nullable AbstractResponse response, @Nullable Throwable failure) {
        if (failure != null) {
            return new Close("a request that expects no response failed: " + failure.getMessage());
        }
        if (response == null) {
            return new Silence(0);
        }
        Map<Errors, Integer> errors = response.errorCounts();
        boolean failed = errors.keySet().stream().anyMatch(error -> error != Errors.NONE);
        return failed
                ? new Close(request.api() + " that expects no response failed: " + errors)
                : new Silence(response.throttleTimeMs());
    }

    private Reply errorResponse(InFlightRequest request, Throwable failure) {
        try {
            AbstractResponse error = request.request.getErrorResponse(0, failure);
            return error == null
                    ? new Close(request.api() + " failed: " + failure.getMessage())
                    : write(request, error);
        } catch (RuntimeException e) {
            log.error("cannot encode an error response to " + request, e);
            return new Close("no error response to " + request.api());
        }
    }

    private static Write write(InFlightRequest request, AbstractResponse response) {
        return new Write(ResponseSend.of(request.context, response), response.throttleTimeMs());
    }

    private void logUnlessExpected(InFlightRequest request, Throwable failure) {
        if (!(failure instanceof ApiException)) {
            log.error("failed to handle " + request, failure);
        }
    }
}
