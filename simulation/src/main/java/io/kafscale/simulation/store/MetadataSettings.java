package io.kafscale.simulation.store;

import java.time.Duration;

/**
 * What kind of metadata store a history has.
 *
 * @param latency what half of all requests take at most, both ways
 * @param timeout how long its client waits at most for an answer that does not come
 * @param trouble the share of requests that something happens to in rough weather
 */
public record MetadataSettings(Duration latency, Duration timeout, double trouble) {}
