package io.kafscale.wire;

import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.jspecify.annotations.Nullable;

/** Answers requests: the broker, or a proxy. */
@FunctionalInterface
public interface RequestHandler {
    /**
     * Starts to answer one request. Called on a network thread, for each connection in the order in which its requests
     * arrived and without waiting for earlier answers; it must not block.
     *
     * <p>The stage may complete on any thread and in any order; responses leave in request order. It completes with
     *
     * <ul>
     *   <li>a response: it is sent, and when its throttle time is positive the connection is not read for that long
     *       (KIP-219). For a Produce request with {@code acks=0} it is not sent, but an error in it closes the
     *       connection, as Kafka does;
     *   <li>null: nothing is sent. Only for Produce with {@code acks=0};
     *   <li>a failure: the request's own error response for it, in which a cause that is not one of Kafka's exceptions
     *       becomes UNKNOWN_SERVER_ERROR and is logged. Where a request has no error response the connection is closed.
     * </ul>
     *
     * @param context header, connection, principal and client of the request
     * @param request the parsed request; byte and record fields are slices of the buffer it arrived in
     * @param buffer the accounting of that buffer, see there
     */
    CompletionStage<? extends @Nullable AbstractResponse> handle(
            RequestContext context, AbstractRequest request, RequestBuffer buffer);
}
