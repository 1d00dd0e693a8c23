package io.kafscale.testkit.s3;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** What {@link FaultyS3Server} does to a request instead of, before or after answering it properly. */
public sealed interface Fault {
    /** Answers properly, but {@code by} later. */
    record Delay(Duration by) implements Fault {}

    /** Does nothing and answers this error. */
    record Answer(int status, String code, String message) implements Fault {}

    /** Reads at most {@code bodyBytes} of the request's body, does nothing and resets the connection. */
    record TearRequest(int bodyBytes) implements Fault {}

    /** Does what was asked and resets the connection instead of answering. */
    record LoseResponse() implements Fault {}

    /** Does what was asked and resets the connection after {@code bodyBytes} of the answer's body. */
    record TearResponse(int bodyBytes) implements Fault {}

    /** Never answers; does what was asked once {@code moment} completes, if it ever does. */
    record Land(CompletableFuture<?> moment) implements Fault {}

    /** {@code 503 SlowDown}. */
    static Fault slowDown() {
        return new Answer(503, "SlowDown", "Please reduce your request rate.");
    }

    /** {@code 500 InternalError}. */
    static Fault internalError() {
        return new Answer(500, "InternalError", "We encountered an internal error. Please try again.");
    }

    /** {@code 409 ConditionalRequestConflict}. */
    static Fault conflict() {
        return new Answer(409, "ConditionalRequestConflict", "A conflicting operation is under way.");
    }

    /** {@code 403 RequestTimeTooSkewed}. */
    static Fault clockSkew() {
        return new Answer(
                403,
                "RequestTimeTooSkewed",
                "The difference between the request time and the server's time is too large.");
    }

    /** {@code 403 AccessDenied}. */
    static Fault accessDenied() {
        return new Answer(403, "AccessDenied", "Access Denied");
    }

    /** Never answers and never does what was asked. */
    static Fault stall() {
        return new Land(new CompletableFuture<>());
    }
}
