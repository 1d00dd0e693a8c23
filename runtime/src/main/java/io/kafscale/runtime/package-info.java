/**
 * The seams between Kafscale's deterministic core and the outside world. The charter is closed: what is here is what the core may
 * not do by itself.
 *
 * <ul>
 *   <li>{@link io.kafscale.runtime.EventLoop} runs tasks one after the other and is the only timer; production uses
 *       {@link io.kafscale.runtime.ThreadEventLoop}, the simulator its own.
 *   <li>{@link io.kafscale.runtime.TimeSource} is the only clock, {@link java.util.random.RandomGenerator} the only chance.
 *   <li>{@link io.kafscale.runtime.ByteBudget} is how every buffer is bounded.
 *   <li>{@link io.kafscale.runtime.FutureFailure} says what became of a future, whichever loops it came over.
 * </ul>
 *
 * Code of the core takes these as constructor parameters; the build refuses it the JDK's own clocks, threads and random sources.
 */
@NullMarked
package io.kafscale.runtime;

import org.jspecify.annotations.NullMarked;
