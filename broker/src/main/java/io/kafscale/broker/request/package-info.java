/**
 * What all request handlers share.
 *
 * <p>{@link io.kafscale.broker.request.BrokerContext} holds the collaborators of a broker, {@link
 * io.kafscale.broker.request.BrokerSettings} what an operator tunes. {@link io.kafscale.broker.request.ClusterView} reads a cluster
 * image in Kafka's terms: topics by name or id, leaders, nodes. {@link io.kafscale.broker.request.ErrorMapping} is the one place
 * where a failure becomes a Kafka error code. {@link io.kafscale.broker.request.Deadlines} bounds what waits for metadata or the
 * log.
 *
 * <p>Handlers themselves live next door, one class per API or tight family: {@code produce}, {@code fetch}, {@code cluster},
 * {@code group} and {@code admin}. Each is called on a network thread, must not block, and answers with a future.
 */
@NullMarked
package io.kafscale.broker.request;

import org.jspecify.annotations.NullMarked;
