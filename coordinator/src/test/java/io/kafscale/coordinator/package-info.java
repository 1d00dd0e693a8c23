/**
 * Tests of the hosted group coordinator. {@code TestBroker} drives a whole host with request data and no
 * sockets; {@link io.kafscale.coordinator.MemoryMetadataStore} is what hosts share, {@link io.kafscale.coordinator.HeldStore} and
 * {@link io.kafscale.coordinator.FaultyStore} are stores that answer late, twice or not at all.
 */
@NullMarked
package io.kafscale.coordinator;

import org.jspecify.annotations.NullMarked;
