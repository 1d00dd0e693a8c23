/** Tests of this package, next to what they test. */
@NullMarked
package io.kafscale.broker.request;

import org.jspecify.annotations.NullMarked;
