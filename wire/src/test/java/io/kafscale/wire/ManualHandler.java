package io.kafscale.wire;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.errors.CoordinatorNotAvailableException;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.jspecify.annotations.Nullable;

/** Leaves every request open until the test answers it. */
final class ManualHandler implements RequestHandler {
    /** A request that waits for its answer. */
    record Pending(
            RequestContext context,
            AbstractRequest request,
            RequestBuffer buffer,
            CompletableFuture<@Nullable AbstractResponse> answer) {
        int correlationId() {
            return context.correlationId();
        }

        /** Answers with the request's error response: something small that fits each API. */
        void reply() {
            answer.complete(request.getErrorResponse(new CoordinatorNotAvailableException("x")));
        }
    }

    private final BlockingQueue<Pending> pending = new LinkedBlockingQueue<>();

    @Override
    public CompletionStage<@Nullable AbstractResponse> handle(
            RequestContext context, AbstractRequest request, RequestBuffer buffer) {
        var answer = new CompletableFuture<@Nullable AbstractResponse>();
        pending.add(new Pending(context, request, buffer, answer));
        return answer;
    }

    /** The next request that arrives. */
    Pending next() throws InterruptedException {
        Pending next = pending.poll(20, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("no request arrived");
        }
        return next;
    }

    /** A request that has arrived, or null. */
    @Nullable
    Pending poll() {
        return pending.poll();
    }

    /** Requests that arrived and were not taken. */
    int waiting() {
        return pending.size();
    }
}
