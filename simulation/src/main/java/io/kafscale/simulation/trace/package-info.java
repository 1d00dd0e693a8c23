/**
 * What happened in a history: {@link io.kafscale.simulation.trace.Trace} takes it down,
 * {@link io.kafscale.simulation.trace.TraceText} makes it readable, and what the broker logs comes into it by way of
 * {@link io.kafscale.simulation.trace.BrokerLog}.
 */
@NullMarked
package io.kafscale.simulation.trace;

import org.jspecify.annotations.NullMarked;
