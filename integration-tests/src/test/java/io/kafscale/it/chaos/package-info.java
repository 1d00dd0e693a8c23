/**
 * A cluster under load to which one thing after the other happens, drawn from a seed: {@link io.kafscale.it.chaos.Trouble} lists
 * what. {@code make chaos} runs it for as long as you like, {@code make test} for two minutes.
 */
@NullMarked
package io.kafscale.it.chaos;

import org.jspecify.annotations.NullMarked;
