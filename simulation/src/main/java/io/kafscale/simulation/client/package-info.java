/**
 * The clients of a simulated broker. They do what Kafka's clients do with an answer, a refusal and a silence, and show the referee
 * every answer together with what was known when they asked.
 */
@NullMarked
package io.kafscale.simulation.client;

import org.jspecify.annotations.NullMarked;
