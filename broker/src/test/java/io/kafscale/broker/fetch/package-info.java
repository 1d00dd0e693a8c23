/** Tests of this package, next to what they test. */
@NullMarked
package io.kafscale.broker.fetch;

import org.jspecify.annotations.NullMarked;
