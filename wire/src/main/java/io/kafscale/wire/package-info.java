/**
 * The front door: everything between a TCP connection and a parsed Kafka request.
 *
 * <p>Start at {@link io.kafscale.wire.KafkaServer}. It binds one listener, accepts connections and spreads them over a
 * few network threads, each with one of Kafka's own {@code Selector}s, so that TLS, mTLS, SASL and re-authentication
 * behave as every Kafka client expects. A {@link io.kafscale.wire.RequestHandler} gets each request parsed, on the
 * network thread, and answers whenever it likes, on any thread.
 *
 * <p>Where Kafka's own server reads one request of a connection, answers it and only then reads the next, this one
 * keeps many requests of a connection in flight ({@code Connection}, {@code ConnectionTable}) and writes the responses
 * in request order: a producer waiting for slow acknowledgements keeps its pipeline full. What arrives is bounded three
 * times ({@link io.kafscale.wire.RequestLimits}): per request, per connection, and for the server as a whole
 * ({@code RequestMemory}, with a reserve for small requests so that heartbeats pass while produce requests wait). At a
 * bound the server stops reading that socket; it never buffers more and never drops.
 *
 * <p>A request's bytes stay where they arrived, in one plain heap buffer which is never reused. A handler that keeps
 * slices of it past the response keeps the accounting true with {@link io.kafscale.wire.RequestBuffer}. On the way out
 * {@link io.kafscale.wire.GatheredRecords} carries stored slices to the socket without copying ({@code ResponseSend}).
 *
 * <p>{@link io.kafscale.wire.ApiVersionTable} says which APIs and versions are spoken. What is not in it, garbage and
 * oversized frames close the one connection they came on, with one log line.
 */
@NullMarked
package io.kafscale.wire;

import org.jspecify.annotations.NullMarked;
