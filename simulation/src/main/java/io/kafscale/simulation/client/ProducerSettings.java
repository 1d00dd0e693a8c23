package io.kafscale.simulation.client;

import java.time.Duration;
import java.util.Optional;

/**
 * How a producer is configured, in the terms of the Java client.
 *
 * @param idempotent {@code enable.idempotence}
 * @param maxInFlight {@code max.in.flight.requests.per.connection}
 * @param durable {@code acks=all}; otherwise {@code acks=1}
 * @param requestTimeout {@code request.timeout.ms}: after it the connection is given up
 * @param deliveryTimeout {@code delivery.timeout.ms}: after it the batch is given up
 * @param retryBackoff {@code retry.backoff.ms}
 * @param interval how long it takes on average until there is another batch
 * @param maxRecords most records in a batch
 * @param maxValueBytes largest value of a record
 * @param offlineEvery how long it takes on average until it loses its network for a while; never if empty
 */
public record ProducerSettings(
        boolean idempotent,
        int maxInFlight,
        boolean durable,
        Duration requestTimeout,
        Duration deliveryTimeout,
        Duration retryBackoff,
        Duration interval,
        int maxRecords,
        int maxValueBytes,
        Optional<Duration> offlineEvery) {
    /** Whether its records come in the order it sent them. */
    public boolean ordered() {
        return idempotent || maxInFlight == 1;
    }
}
