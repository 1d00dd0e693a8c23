/**
 * Commands that talk to a broker as any Kafka client would, with Apache Kafka's own Java clients and nothing else: they work against
 * any Kafka broker, and what they can do, every client can.
 *
 * <p>{@link io.kafscale.app.client.ClientOptions} is {@code --bootstrap} and {@code --property};
 * {@link io.kafscale.app.client.BrokerSession} an admin client whose calls are awaited with a progress display. Produce and consume
 * keep their loops ({@link io.kafscale.app.client.LineProducer}, {@link io.kafscale.app.client.ConsumeLoop}) apart from their options,
 * so that tests run them on Kafka's in-memory clients.
 *
 * <p>Everything runs on the main thread but for callbacks of the clients, marked where they are.
 */
@NullMarked
package io.kafscale.app.client;

import org.jspecify.annotations.NullMarked;
