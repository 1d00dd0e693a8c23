package io.kafscale.wire;

import java.time.Duration;

/**
 * How many connections a server keeps, for how long, and how their sockets are set up. Immutable.
 *
 * @param maxConnections connections in all; one more is closed at once (Kafka: {@code max.connections}, which lets it
 *     wait instead)
 * @param maxConnectionsPerAddress connections from one IP address (Kafka: {@code max.connections.per.ip})
 * @param maxIdle a connection without traffic for longer is closed (Kafka: {@code connections.max.idle.ms})
 * @param failedAuthenticationDelay how long the answer to a failed authentication is held back
 *     (Kafka: {@code connection.failed.authentication.delay.ms})
 * @param backlog connections the kernel queues before they are accepted
 * @param sendBufferBytes socket send buffer, or -1 for the operating system's own tuning
 * @param receiveBufferBytes socket receive buffer, or -1
 */
public record ConnectionLimits(
        int maxConnections,
        int maxConnectionsPerAddress,
        Duration maxIdle,
        Duration failedAuthenticationDelay,
        int backlog,
        int sendBufferBytes,
        int receiveBufferBytes) {

    /** 10,000 connections, as many of one address, 10 minutes idle, 100 ms after a failed authentication. */
    public static final ConnectionLimits DEFAULTS =
            new ConnectionLimits(10_000, 10_000, Duration.ofMinutes(10), Duration.ofMillis(100), 512, -1, -1);

    /** Checks the ranges. */
    public ConnectionLimits {
        if (maxConnections <= 0 || maxConnectionsPerAddress <= 0 || backlog <= 0) {
            throw new IllegalArgumentException("maxConnections, maxConnectionsPerAddress and backlog must be positive");
        }
        if (maxIdle.toMillis() <= 0 || failedAuthenticationDelay.isNegative()) {
            throw new IllegalArgumentException("maxIdle must be positive, failedAuthenticationDelay not negative");
        }
    }
}
