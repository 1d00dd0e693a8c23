package io.kafscale.wire;

import java.net.InetAddress;
import org.apache.kafka.common.protocol.ApiKeys;

/**
 * Observes a server, for metrics and for handlers that keep state per connection. Called on network threads
 * ({@link #connectionRefused} on the acceptor's), concurrently; must neither block nor throw.
 */
public interface NetworkListener {
    /** Observes nothing. */
    NetworkListener NONE = new NetworkListener() {};

    /** A connection was accepted; TLS and SASL may still be going on. */
    default void connectionOpened(String connectionId) {}

    /** A connection is gone, whoever closed it. Answers to its open requests are dropped. */
    default void connectionClosed(String connectionId) {}

    /** A connection was refused because of {@link ConnectionLimits}. */
    default void connectionRefused(InetAddress address) {}

    /**
     * A connection was closed because of what it sent: garbage, a request too slowly, an API that is not served. A frame
     * with an impossible length and a failed authentication show in {@link #connectionClosed} only.
     */
    default void connectionRejected(String connectionId, String reason) {}

    /** A request was read and goes to the handler. */
    default void requestReceived(ApiKeys api, int bytes) {}

    /** A response was written, or (0 bytes) a request without response is done. */
    default void responseSent(ApiKeys api, long bytes, ResponseTimes times) {}

    /** A connection is no longer read because of the given bound. */
    default void readingPaused(String connectionId, String bound) {}
}
