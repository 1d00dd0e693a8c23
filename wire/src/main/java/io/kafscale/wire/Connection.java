package io.kafscale.wire;

import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.apache.kafka.common.network.NetworkReceive;
import org.jspecify.annotations.Nullable;

/** The state of one connection. Belongs to its network thread. */
final class Connection {
    /** Why a connection is not read. It is read again when no reason is left. */
    enum Pause {
        /** The bound on requests or bytes in flight of one connection. */
        IN_FLIGHT,
        /** The budget for requests in flight of all connections. */
        MEMORY,
        /** A throttle time in a response, KIP-219. */
        THROTTLED,
        /** Responses have to leave before the authentication exchange takes over the socket. */
        REAUTHENTICATION,
        /** The server is closing. */
        DRAINING
    }

    final String id;
    final InetAddress address;
    final ConnectionMemory memory;
    final EnumSet<Pause> pauses = EnumSet.noneOf(Pause.class);
    private final RequestLimits limits;
    private final ArrayDeque<InFlightRequest> inFlight = new ArrayDeque<>();
    private long inFlightBytes;
    private int writing;
    private @Nullable NetworkReceive awaitingReauthentication;
    long throttledUntilNanos;
    long receiveStartedNanos;
    boolean closed;

    Connection(String id, InetAddress address, ConnectionMemory memory, RequestLimits limits) {
        this.id = id;
        this.address = address;
        this.memory = memory;
        this.limits = limits;
    }

    /** A request has arrived, after all others. */
    void add(InFlightRequest request) {
        inFlight.add(request);
        inFlightBytes += request.buffer.sizeInBytes();
    }

    /** The oldest requests, as far as they are answered: their responses go out next. None while others are being written. */
    List<InFlightRequest> nextToWrite() {
        var next = new ArrayList<InFlightRequest>();
        if (writing == 0) {
            for (InFlightRequest request : inFlight) {
                if (!request.isReady()) {
                    break;
                }
                next.add(request);
            }
        }
        return next;
    }

    /** The responses of so many of the oldest requests are being written from now on. */
    void startWriting(int requests) {
        writing = requests;
    }

    /** All that was being written has been; returns how many responses that were. */
    int endWriting() {
        int written = writing;
        writing = 0;
        return written;
    }

    /** The oldest request is done: answered, or in no need of an answer. */
    InFlightRequest removeHead() {
        InFlightRequest head = inFlight.remove();
        inFlightBytes -= head.buffer.sizeInBytes();
        return head;
    }

    boolean isQuiet() {
        return inFlight.isEmpty();
    }

    boolean isAtBound() {
        return inFlight.size() >= limits.maxInFlightPerConnection()
                || inFlightBytes >= limits.maxInFlightBytesPerConnection();
    }

    /** Requests that are not answered yet, in order of arrival. */
    List<InFlightRequest> requests() {
        return List.copyOf(inFlight);
    }

    /** Keeps the request that starts a re-authentication until the connection is quiet. */
    void awaitReauthentication(NetworkReceive handshake) {
        awaitingReauthentication = handshake;
    }

    /** The request that starts a re-authentication, if there is one and all earlier requests are answered. */
    @Nullable
    NetworkReceive takeReauthentication() {
        NetworkReceive handshake = inFlight.isEmpty() ? awaitingReauthentication : null;
        if (handshake != null) {
            awaitingReauthentication = null;
        }
        return handshake;
    }

    @Override
    public String toString() {
        return id;
    }
}
