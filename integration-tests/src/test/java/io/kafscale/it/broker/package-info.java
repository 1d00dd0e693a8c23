/** The broker under test, as a process that can be killed and started again; {@link io.kafscale.it.broker.OnEveryStorage} gives it to a test class. */
@NullMarked
package io.kafscale.it.broker;

import org.jspecify.annotations.NullMarked;
