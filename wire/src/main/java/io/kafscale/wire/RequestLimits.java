package io.kafscale.wire;

import java.time.Duration;

/**
 * What a server accepts of requests before it stops reading. Immutable.
 *
 * <p>Memory for requests never exceeds {@code totalBytes + reserveBytes}: a request is accounted with the size it
 * announces, before its buffer is allocated, until the last holder of its {@link RequestBuffer} lets go.
 *
 * @param maxRequestBytes the largest request; a larger announced length closes the connection
 *     (Kafka: {@code socket.request.max.bytes})
 * @param totalBytes bytes of all requests in flight; at least {@code maxRequestBytes}
 *     (Kafka: {@code queued.max.request.bytes})
 * @param reserveBytes bytes on top of the total that only small requests may use once the total is spent
 * @param smallRequestBytes the largest request that may use the reserve
 * @param maxInFlightPerConnection requests of one connection that are not answered yet
 * @param maxInFlightBytesPerConnection bytes of these, in effect plus the one request that crosses the line
 * @param receiveTimeout how long a request may take to arrive once its buffer is allocated; a connection that is slower
 *     is closed, since it holds memory that others wait for and its client has given up anyway
 */
public record RequestLimits(
        int maxRequestBytes,
        long totalBytes,
        long reserveBytes,
        int smallRequestBytes,
        int maxInFlightPerConnection,
        int maxInFlightBytesPerConnection,
        Duration receiveTimeout) {

    private static final int KIB = 1024;
    private static final int MIB = 1024 * KIB;

    /** 100 MiB a request, 128 MiB in all, 16 MiB reserve for up to 64 KiB, 64 requests or 16 MiB a connection, 60 s. */
    public static final RequestLimits DEFAULTS =
            new RequestLimits(100 * MIB, 128L * MIB, 16L * MIB, 64 * KIB, 64, 16 * MIB, Duration.ofSeconds(60));

    /** Checks that each limit is positive and that the largest request fits. */
    public RequestLimits {
        requirePositive(maxRequestBytes, "maxRequestBytes");
        requirePositive(smallRequestBytes, "smallRequestBytes");
        requirePositive(maxInFlightPerConnection, "maxInFlightPerConnection");
        requirePositive(maxInFlightBytesPerConnection, "maxInFlightBytesPerConnection");
        requirePositive(receiveTimeout.toNanos(), "receiveTimeout");
        if (totalBytes < maxRequestBytes) {
            throw new IllegalArgumentException("totalBytes " + totalBytes + " is less than the largest request, "
                    + maxRequestBytes + ", which could then never be read");
        }
        if (reserveBytes < smallRequestBytes) {
            throw new IllegalArgumentException("reserveBytes " + reserveBytes + " is less than one small request, "
                    + smallRequestBytes + ", which could then starve");
        }
    }

    private static void requirePositive(long value, String name) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + " " + value + " is not positive");
        }
    }
}
