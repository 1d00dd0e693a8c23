/** Tests of this package, next to what they test. */
@NullMarked
package io.kafscale.broker.admin;

import org.jspecify.annotations.NullMarked;
