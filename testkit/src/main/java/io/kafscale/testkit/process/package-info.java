/** What tests do to processes that they started: {@link io.kafscale.testkit.process.Signal} stops them where they are and lets them go on. */
@NullMarked
package io.kafscale.testkit.process;

import org.jspecify.annotations.NullMarked;
