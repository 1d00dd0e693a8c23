/**
 * The broker: Kafka's APIs over the log, the group coordinator and the metadata store.
 *
 * <p>Enter at {@link io.kafscale.broker.Broker}, which ties a listening server to the handlers. {@link
 * io.kafscale.broker.ServedApi} lists the APIs, {@link io.kafscale.broker.RequestRouter} gives each request to its handler through
 * one exhaustive switch. Handlers are small and stateless: one class per API or tight family, in
 *
 * <ul>
 *   <li>{@code request}: what they share: collaborators, settings, the cluster in Kafka's terms, the table of error codes;
 *   <li>{@code produce} and {@code fetch}: records in, records out, offsets;
 *   <li>{@code cluster}: metadata;
 *   <li>{@code group}: consumer groups;
 *   <li>{@code admin}: topics, configs, and what operators look at.
 * </ul>
 *
 * <p>Nothing here blocks: a handler runs on a network thread and answers with a future. It picks no store and reads no settings;
 * both are handed in by whoever starts the broker.
 */
@NullMarked
package io.kafscale.broker;

import org.jspecify.annotations.NullMarked;
