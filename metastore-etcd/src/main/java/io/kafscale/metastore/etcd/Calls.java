package io.kafscale.metastore.etcd;

import com.google.protobuf.MessageLite;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.runtime.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Single calls, each with a deadline. A call that provably did not leave this process goes to the next endpoint, and so does a read
 * whose connection broke; a write that was handed to a connection is never sent again. A call that no endpoint takes waits a moment
 * for one that does. On the store's loop.
 */
final class Calls {
    /** What a call may do to the store. */
    enum Effect {
        /** Changes nothing: may be repeated. */
        READ,
        /** May change something: is sent once. */
        WRITE
    }

    private static final int MAX_CALLS = 4096;
    private static final long MAX_BYTES = 64L << 20;

    private final EventLoop loop;
    private final Endpoints endpoints;
    private final Tokens tokens;
    private final Duration limit;
    private final Reconnection reconnection;
    private int calls;
    private long bytes;
    private boolean closed;

    Calls(EventLoop loop, Endpoints endpoints, EtcdSettings settings) {
        this.loop = loop;
        this.endpoints = endpoints;
        this.limit = settings.callLimit();
        this.tokens = new Tokens(this, settings.credentials());
        this.reconnection = new Reconnection(loop, endpoints);
    }

    Tokens tokens() {
        return tokens;
    }

    /** Calls as the user of the settings. */
    <Q extends MessageLite, A> CompletableFuture<A> call(MethodDescriptor<Q, A> method, Q request, Effect effect) {
        return start(new Call<>(method, request, effect, true));
    }

    /** Calls as nobody, to ask for a token. */
    <Q extends MessageLite, A> CompletableFuture<A> anonymous(MethodDescriptor<Q, A> method, Q request) {
        return start(new Call<>(method, request, Effect.READ, false));
    }

    /** From now on what fails because of the closing says so, and so does what waits for a connection. */
    void close() {
        closed = true;
        reconnection.close();
    }

    private <Q extends MessageLite, A> CompletableFuture<A> start(Call<Q, A> call) {
        if (calls >= MAX_CALLS || bytes + call.size > MAX_BYTES) {
            return CompletableFuture.failedFuture(new MetadataException(
                    Kind.UNAVAILABLE,
                    "more than " + MAX_CALLS + " calls or " + MAX_BYTES + " bytes of them wait for etcd"));
        }
        calls++;
        bytes += call.size;
        call.result.whenComplete((answer, failure) -> {
            calls--;
            bytes -= call.size;
        });
        call.attempt();
        return call.result;
    }

    /** One call, over as many attempts as it may take. */
    private final class Call<Q extends MessageLite, A> {
        private final MethodDescriptor<Q, A> method;
        private final Q request;
        private final Effect effect;
        private final boolean authenticated;
        private final long size;
        private final long begunNanos = loop.time().nanoTime();
        private final long deadlineNanos = begunNanos + limit.toNanos();
        private final CompletableFuture<A> result = new CompletableFuture<>();
        private int attempts;
        private boolean renewedToken;

        Call(MethodDescriptor<Q, A> method, Q request, Effect effect, boolean authenticated) {
            this.method = method;
            this.request = request;
            this.effect = effect;
            this.authenticated = authenticated;
            this.size = request.getSerializedSize();
        }

        void attempt() {
            if (!authenticated) {
                send("");
                return;
            }
            tokens.get().whenComplete((token, failure) -> {
                if (failure != null) {
                    result.completeExceptionally(failure);
                } else {
                    send(token);
                }
            });
        }

        private void send(String token) {
            attempts++;
            EtcdEndpoint endpoint = endpoints.current();
            var sent = new SentTracer();
            long now = loop.time().nanoTime();
            ClientCall<Q, A> call = endpoint.channel(now)
                    .newCall(
                            method,
                            CallOptions.DEFAULT
                                    .withDeadlineAfter(deadlineNanos - now, TimeUnit.NANOSECONDS)
                                    .withStreamTracerFactory(sent));
            call.start(new Answer<>(this, endpoint, token, sent), Tokens.headers(token));
            call.request(2);
            call.sendMessage(request);
            call.halfClose();
        }

        private void ended(Status status, @Nullable A answer, Answer<Q, A> of) {
            if (status.isOk() && answer != null) {
                result.complete(answer);
                return;
            }
            boolean handedOver = of.sent.handedOver();
            if (EtcdFailures.isSilence(status)) {
                endpoints.suspect(of.endpoint, EtcdFailures.describe(status));
            }
            if (EtcdFailures.saysTokenIsStale(status) && authenticated && !renewedToken) {
                renewedToken = true;
                tokens.expired(of.token);
                attempt();
            } else if (mayGoElsewhere(status, handedOver)) {
                attempt();
            } else if (status.getCode() == Status.Code.UNAVAILABLE && !handedOver) {
                reconnection.await(new Unsent(this, status, of.endpoint));
            } else {
                result.completeExceptionally(failure(status, handedOver, of.endpoint));
            }
        }

        private boolean mayGoElsewhere(Status status, boolean handedOver) {
            return status.getCode() == Status.Code.UNAVAILABLE
                    && (!handedOver || effect == Effect.READ)
                    && attempts < endpoints.all().size()
                    && !closed;
        }

        private MetadataException failure(Status status, boolean handedOver, EtcdEndpoint endpoint) {
            String what = method.getBareMethodName() + " at " + endpoint;
            if (closed && (effect == Effect.READ || !handedOver)) {
                return new MetadataException(Kind.CLOSED, "the metadata store was closed", status.asRuntimeException());
            }
            return handedOver
                    ? EtcdFailures.of(status, effect == Effect.WRITE, what)
                    : EtcdFailures.unsent(status, what);
        }
    }

    /** A call that no endpoint took. */
    private static final class Unsent implements Reconnection.Waiting {
        private final Calls.Call<?, ?> call;
        private final Status last;
        private final EtcdEndpoint endpoint;

        Unsent(Calls.Call<?, ?> call, Status last, EtcdEndpoint endpoint) {
            this.call = call;
            this.last = last;
            this.endpoint = endpoint;
        }

        @Override
        public long sinceNanos() {
            return call.begunNanos;
        }

        @Override
        public void tryAgain() {
            call.attempts = 0;
            call.attempt();
        }

        @Override
        public void giveUp() {
            call.result.completeExceptionally(call.failure(last, false, endpoint));
        }
    }

    /** What comes back from one attempt. */
    private static final class Answer<Q extends MessageLite, A> extends ClientCall.Listener<A> {
        private final Calls.Call<Q, A> call;
        private final EtcdEndpoint endpoint;
        private final String token;
        private final SentTracer sent;
        private @Nullable A message;

        Answer(Calls.Call<Q, A> call, EtcdEndpoint endpoint, String token, SentTracer sent) {
            this.call = call;
            this.endpoint = endpoint;
            this.token = token;
            this.sent = sent;
        }

        @Override
        public void onMessage(A answer) {
            message = answer;
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            call.ended(status, message, this);
        }
    }
}
