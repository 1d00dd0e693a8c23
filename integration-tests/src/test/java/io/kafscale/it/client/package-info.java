/** What tests do with Kafka's own Java client: {@link io.kafscale.it.client.Clients} makes them with their default settings. */
@NullMarked
package io.kafscale.it.client;

import org.jspecify.annotations.NullMarked;
