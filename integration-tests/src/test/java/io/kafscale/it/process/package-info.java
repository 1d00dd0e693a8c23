/** Programs as processes: {@link io.kafscale.it.process.ChildProcess} runs one and captures what it says, {@link io.kafscale.it.process.JavaProgram} says how to start one of the class paths under {@code programs}. */
@NullMarked
package io.kafscale.it.process;

import org.jspecify.annotations.NullMarked;
