/** Tests of what tests do to processes. */
@NullMarked
package io.kafscale.testkit.process;

import org.jspecify.annotations.NullMarked;
