/**
 * The deterministic twin of the seams: {@link io.kafscale.runtime.simulated.SimulatedTime} is clock, timer queue and every event
 * loop at once, advanced by hand on one thread. Tests of the core and the simulator run on it.
 */
@NullMarked
package io.kafscale.runtime.simulated;

import org.jspecify.annotations.NullMarked;
