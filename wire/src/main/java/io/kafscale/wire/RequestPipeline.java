package io.kafscale.wire;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.IllegalSaslStateException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.network.KafkaChannel;
import org.apache.kafka.common.network.NetworkReceive;
import org.apache.kafka.common.network.NetworkSend;
import org.apache.kafka.common.network.Selector;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.jspecify.annotations.Nullable;

/**
 * The way of a request through one network thread: from its bytes to the handler, and from the handler's answer, when all
 * earlier requests of its connection are answered, to the socket. Used by that thread only; answers come back through
 * the mailbox.
 *
 * <p>Kafka's selector delivers at most one request of a connection per poll and takes one response at a time; what makes
 * a pipeline of it is that reading goes on between the two. Whatever goes wrong with a connection closes it and leaves
 * the others alone.
 */
final class RequestPipeline {
    /** Responses are gathered into one write until they have so many bytes. */
    private static final int GATHERED_BYTES = 32 * 1024;

    private final ServerContext server;
    private final ConnectionTable connections;
    private final Selector selector;
    private final Executor mailbox;
    private final LinkedHashSet<Connection> answered = new LinkedHashSet<>();

    RequestPipeline(ServerContext server, ConnectionTable connections, Selector selector, Executor mailbox) {
        this.server = server;
        this.connections = connections;
        this.selector = selector;
        this.mailbox = mailbox;
    }

    // ---- requests in

    /** A connection has delivered a whole request. */
    void received(Connection connection, KafkaChannel channel, NetworkReceive receive) {
        try {
            RequestHeader header = server.intake().header(receive.payload());
            boolean startsAuthentication = header.apiKey() == ApiKeys.SASL_HANDSHAKE;
            if (startsAuthentication && !connection.isQuiet()) {
                // The exchange writes to the socket by itself: first the responses under way have to leave.
                connection.awaitReauthentication(receive);
                connections.pause(connection, Connection.Pause.REAUTHENTICATION);
            } else if (startsAuthentication
                    && channel.maybeBeginServerReauthentication(
                            receive, () -> server.time().nanoseconds())) {
                server.memory().release(connection.memory.received());
            } else {
                admit(connection, channel, header, receive);
            }
        } catch (InvalidRequestException | UnsupportedVersionException | AuthenticationException e) {
            String reason = String.valueOf(e.getMessage());
            connections.reject(connection, e.getCause() == null ? reason : reason + ": " + e.getCause());
        } catch (Throwable t) {
            connections.fail(connection, t);
        }
    }

    private void admit(Connection connection, KafkaChannel channel, RequestHeader header, NetworkReceive receive) {
        long now = server.time().nanoseconds();
        if (channel.serverAuthenticationSessionExpired(now)) {
            connections.reject(connection, "its authenticated session has expired");
            return;
        }
        RequestIntake.Parsed parsed = server.intake().body(channel, header, receive.payload());
        RequestMemory.Reservation reservation = connection.memory.received();
        var buffer =
                new RequestBuffer(reservation.bytes(), () -> server.memory().release(reservation));
        var request = new InFlightRequest(connection, parsed.context(), parsed.request(), buffer, now);
        connection.add(request);
        server.listener().requestReceived(request.api(), reservation.bytes());
        dispatch(request);
        if (connection.isAtBound()) {
            connections.pause(connection, Connection.Pause.IN_FLIGHT);
        }
    }

    private void dispatch(InFlightRequest request) {
        handle(request).whenComplete((response, failure) -> {
            request.complete(response, failure, server.time().nanoseconds());
            mailbox.execute(() -> answered(request));
        });
        if (!request.api().requiresDelayedAllocation) {
            request.releaseHold(); // the parsed request refers to none of the bytes
        }
    }

    private CompletionStage<? extends @Nullable AbstractResponse> handle(InFlightRequest request) {
        try {
            if (request.api() == ApiKeys.SASL_HANDSHAKE || request.api() == ApiKeys.SASL_AUTHENTICATE) {
                throw new IllegalSaslStateException(request.api() + " outside of an authentication exchange");
            }
            return Objects.requireNonNull(
                    server.handler().handle(request.context, request.request, request.buffer), "no stage");
        } catch (Throwable t) {
            return CompletableFuture.failedFuture(t);
        }
    }

    // ---- responses out

    private void answered(InFlightRequest request) {
        request.markReady();
        if (request.connection.closed) {
            request.finish();
        } else {
            answered.add(request.connection);
        }
    }

    /** All answers that had come are known: now they go out, those of a connection together. */
    void sendAnswers() {
        while (!answered.isEmpty()) {
            advance(answered.removeFirst());
        }
    }

    /** The socket has taken the last byte of the responses under way. */
    void sent(Connection connection) {
        finishWritten(connection);
        advance(connection);
    }

    /** Writes as many responses as are ready, in order. */
    private void advance(Connection connection) {
        try {
            for (List<InFlightRequest> next = connection.nextToWrite();
                    !next.isEmpty() && !connection.closed;
                    next = connection.nextToWrite()) {
                InFlightRequest head = next.getFirst();
                switch (server.encoder().encode(head)) {
                    case ResponseEncoder.Write write -> write(connection, gathered(connection, next, write));
                    case ResponseEncoder.Silence silence -> {
                        head.sendStarted(server.time().nanoseconds(), 0);
                        finishHead(connection);
                        connections.throttle(connection, silence.throttleMs());
                    }
                    case ResponseEncoder.Close close -> connections.reject(connection, close.reason());
                }
            }
            if (!connection.closed) {
                settle(connection);
            }
        } catch (Throwable t) {
            connections.fail(connection, t);
        }
    }

    /** The first response and those behind it, as long as they are small: requests that came together are often answered together. */
    private ResponseSend gathered(Connection connection, List<InFlightRequest> ready, ResponseEncoder.Write first) {
        var sends = new ArrayList<ResponseSend>();
        long now = server.time().nanoseconds();
        long bytes = 0;
        ResponseEncoder.@Nullable Write write = first;
        while (write != null) {
            ready.get(sends.size()).sendStarted(now, write.send().size());
            connections.throttle(connection, write.throttleMs());
            sends.add(write.send());
            bytes += write.send().size();
            boolean more = sends.size() < ready.size() && bytes < GATHERED_BYTES;
            write = more ? successOf(ready.get(sends.size())) : null;
        }
        connection.startWriting(sends.size());
        return ResponseSend.joined(sends);
    }

    /** The response to a request, unless it is none or tells of a failure: those have their own turn. */
    private ResponseEncoder.@Nullable Write successOf(InFlightRequest request) {
        boolean succeeded = request.failure() == null && request.response() != null && request.expectsResponse();
        return succeeded && server.encoder().encode(request) instanceof ResponseEncoder.Write write ? write : null;
    }

    private void write(Connection connection, ResponseSend send) {
        selector.send(new NetworkSend(connection.id, send));
        KafkaChannel channel = selector.channel(connection.id);
        if (channel == null) {
            connections.pollAtOnce(); // the client is gone: the next poll reports it
            return;
        }
        // The socket nearly always has room: writing now saves a poll and two changes of interest for each response.
        try {
            channel.write();
        } catch (IOException e) {
            connections.close(connection);
            return;
        }
        if (channel.maybeCompleteSend() != null) {
            finishWritten(connection);
        }
    }

    private void finishWritten(Connection connection) {
        for (int left = connection.endWriting(); left > 0; left--) {
            finishHead(connection);
        }
    }

    private void finishHead(Connection connection) {
        InFlightRequest head = connection.removeHead();
        head.finish();
        server.listener()
                .responseSent(
                        head.api(),
                        head.responseBytes(),
                        head.timesAt(server.time().nanoseconds()));
    }

    /** Responses have left: there may be room for requests again, or it was the last one that somebody waited for. */
    private void settle(Connection connection) {
        if (!connection.isAtBound()) {
            connections.resume(connection, Connection.Pause.IN_FLIGHT);
        }
        if (!connection.isQuiet()) {
            return;
        }
        if (connections.isDraining()) {
            connections.close(connection);
            return;
        }
        NetworkReceive handshake = connection.takeReauthentication();
        if (handshake != null) {
            KafkaChannel channel = selector.channel(connection.id);
            connections.resume(connection, Connection.Pause.REAUTHENTICATION);
            if (channel == null) {
                connections.close(connection); // the client is gone
            } else {
                handshake.payload().rewind();
                received(connection, channel, handshake);
            }
        }
    }
}
