package io.kafscale.simulation.store;

import java.time.Duration;

/**
 * What kind of object store a history has.
 *
 * @param latency what half of all requests take at most, both ways
 * @param timeout how long its client waits at most for an answer that does not come
 * @param mostLate how long a request may go on after its client gave it up
 * @param trouble the share of requests that something happens to in rough weather
 * @param standstill the share of reads that stand still on their way in rough weather
 * @param page most keys in a page of a listing, whatever the client asks for
 */
public record StoreSettings(
        Duration latency, Duration timeout, Duration mostLate, double trouble, double standstill, int page) {}
