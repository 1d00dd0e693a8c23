/**
 * Broker processes: {@link io.kafscale.simulation.broker.BrokerProcess} is the production log with a loop that can stop between any
 * two tasks, {@link io.kafscale.simulation.broker.Supervisor} starts the next one, and clients reach it by
 * {@link io.kafscale.simulation.broker.Connection}.
 */
@NullMarked
package io.kafscale.simulation.broker;

import org.jspecify.annotations.NullMarked;
