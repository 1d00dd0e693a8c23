/**
 * The rules that no history may break, one class each. {@link io.kafscale.simulation.invariant.Referee} shows them every
 * {@link io.kafscale.simulation.invariant.Observation} and keeps what clients know in
 * {@link io.kafscale.simulation.invariant.PartitionFacts}; {@link io.kafscale.simulation.invariant.StoreAudit} reads the stores by
 * their formats, without any of the broker's code.
 */
@NullMarked
package io.kafscale.simulation.invariant;

import org.jspecify.annotations.NullMarked;
