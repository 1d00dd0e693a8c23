/** Tests of this package, next to what they test. */
@NullMarked
package io.kafscale.broker.produce;

import org.jspecify.annotations.NullMarked;
