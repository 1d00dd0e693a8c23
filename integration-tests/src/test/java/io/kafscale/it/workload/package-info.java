/**
 * Clients that work on one topic while a cluster is ill-treated, and tell a {@link io.kafscale.it.history.History} what they observe.
 * {@link io.kafscale.it.workload.Workload} is all of them together: Kafka's own producers, readers and groups of both protocols, kcat,
 * and {@link io.kafscale.it.workload.BrokerProbe}s, which ask one broker directly whatever the metadata say.
 */
@NullMarked
package io.kafscale.it.workload;

import org.jspecify.annotations.NullMarked;
