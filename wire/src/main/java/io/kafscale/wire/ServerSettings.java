package io.kafscale.wire;

import java.time.Duration;
import java.util.Objects;

/**
 * Everything a user tunes about a {@link KafkaServer}. Immutable.
 *
 * @param listener where to listen, and security
 * @param networkThreads threads that read, decode, encode and write; each serves a share of the connections
 * @param requests bounds on requests
 * @param connections bounds on connections
 * @param drainTimeout how long {@link KafkaServer#close()} waits for answers to requests already read
 */
public record ServerSettings(
        ListenerSettings listener,
        int networkThreads,
        RequestLimits requests,
        ConnectionLimits connections,
        Duration drainTimeout) {

    /** Checks the thread count and the timeout. */
    public ServerSettings {
        Objects.requireNonNull(listener);
        Objects.requireNonNull(requests);
        Objects.requireNonNull(connections);
        if (networkThreads <= 0) {
            throw new IllegalArgumentException("networkThreads " + networkThreads + " is not positive");
        }
        if (drainTimeout.isNegative()) {
            throw new IllegalArgumentException("drainTimeout " + drainTimeout + " is negative");
        }
    }

    /** The defaults on a listener: half the cores as network threads, at least 2 and at most 8, and 10 s to drain. */
    public static ServerSettings on(ListenerSettings listener) {
        int threads = Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 2, 8);
        return new ServerSettings(
                listener, threads, RequestLimits.DEFAULTS, ConnectionLimits.DEFAULTS, Duration.ofSeconds(10));
    }

    /** These settings with another number of network threads. */
    public ServerSettings withNetworkThreads(int threads) {
        return new ServerSettings(listener, threads, requests, connections, drainTimeout);
    }

    /** These settings with other bounds on requests. */
    public ServerSettings withRequests(RequestLimits limits) {
        return new ServerSettings(listener, networkThreads, limits, connections, drainTimeout);
    }

    /** These settings with other bounds on connections. */
    public ServerSettings withConnections(ConnectionLimits limits) {
        return new ServerSettings(listener, networkThreads, requests, limits, drainTimeout);
    }

    /** These settings with another drain timeout. */
    public ServerSettings withDrainTimeout(Duration timeout) {
        return new ServerSettings(listener, networkThreads, requests, connections, timeout);
    }
}
