package io.kafscale.wire;

import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.RequestContext;
import org.jspecify.annotations.Nullable;

/**
 * A request between its last byte in and its response's last byte out. Belongs to its connection's network thread,
 * except that {@link #complete} is called by whichever thread answers it; the queue that carries it back publishes what
 * was set there.
 */
final class InFlightRequest {
    final Connection connection;
    final RequestContext context;
    final AbstractRequest request;
    final RequestBuffer buffer;
    private final long receivedNanos;
    private long completedNanos;
    private long sendStartedNanos;
    private long responseBytes;
    private @Nullable AbstractResponse response;
    private @Nullable Throwable failure;
    private boolean ready;
    private boolean held = true;

    InFlightRequest(
            Connection connection,
            RequestContext context,
            AbstractRequest request,
            RequestBuffer buffer,
            long receivedNanos) {
        this.connection = connection;
        this.context = context;
        this.request = request;
        this.buffer = buffer;
        this.receivedNanos = receivedNanos;
    }

    ApiKeys api() {
        return context.header.apiKey();
    }

    /** Whether the client waits for a response. */
    boolean expectsResponse() {
        return !(request instanceof ProduceRequest produce && produce.acks() == 0);
    }

    /** Sets the handler's answer; once, any thread. */
    void complete(@Nullable AbstractResponse answer, @Nullable Throwable cause, long nowNanos) {
        response = answer;
        failure = cause;
        completedNanos = nowNanos;
    }

    /** The answer has reached the network thread. */
    void markReady() {
        ready = true;
    }

    /** Whether the answer has reached the network thread; on that thread. */
    boolean isReady() {
        return ready;
    }

    @Nullable
    AbstractResponse response() {
        return response;
    }

    @Nullable
    Throwable failure() {
        return failure;
    }

    /** The response, of so many bytes, begins to go out. */
    void sendStarted(long nowNanos, long bytes) {
        sendStartedNanos = nowNanos;
        responseBytes = bytes;
    }

    /** Size of the response, known once it goes out. */
    long responseBytes() {
        return responseBytes;
    }

    ResponseTimes timesAt(long nowNanos) {
        return new ResponseTimes(
                completedNanos - receivedNanos, sendStartedNanos - completedNanos, nowNanos - sendStartedNanos);
    }

    /** Ends the network layer's hold on the buffer, if it is not ended yet. */
    void releaseHold() {
        if (held) {
            held = false;
            buffer.release();
        }
    }

    /** For the log; without the client's own name for itself, which may be any text. */
    @Override
    public String toString() {
        return api() + " v" + context.header.apiVersion() + " #" + context.correlationId() + " of "
                + context.connectionId;
    }

    /** The network layer is done with the request. */
    void finish() {
        releaseHold();
        buffer.answered();
    }
}
