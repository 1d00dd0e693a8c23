/**
 * The two stores of a simulated cluster. {@link io.kafscale.simulation.store.Bucket} and the embedded metadata store hold what they
 * hold; {@link io.kafscale.simulation.store.SimulatedObjectStore} and {@link io.kafscale.simulation.store.SimulatedMetadataStore} are
 * one process's connections to them, with all the faults that the ports allow and none that they exclude.
 */
@NullMarked
package io.kafscale.simulation.store;

import org.jspecify.annotations.NullMarked;
