/**
 * A simulation of one broker: the production log, unchanged, over an object store and a metadata store that fail in every way the
 * real ones may, with clients that behave as Kafka's do, in one thread and from one seed.
 *
 * <p>{@link io.kafscale.simulation.SimulationMain} runs many {@link io.kafscale.simulation.History histories}. Each is drawn from its
 * seed ({@code HistoryPlan}, {@link io.kafscale.simulation.Seeds}), shaken by {@code Chaos}, and judged by
 * {@link io.kafscale.simulation.invariant.Referee}. Time is simulated, so that a minute takes a fraction of a second, and everything
 * happens in an order that the seed decides, so that a failure can be seen again as often as it takes:
 *
 * <ul>
 *   <li>{@code store}: the bucket, what can go wrong on the way to it, and the same for the metadata store;
 *   <li>{@code broker}: the life and death of broker processes, and the network to them;
 *   <li>{@code client}: producers, consumers, somebody who asks questions and somebody who changes topics;
 *   <li>{@code invariant}: the rules, each a class, and what they need to know.
 * </ul>
 */
@NullMarked
package io.kafscale.simulation;

import org.jspecify.annotations.NullMarked;
