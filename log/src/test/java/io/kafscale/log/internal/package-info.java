/** Tests of what the packages of the log share. */
@NullMarked
package io.kafscale.log.internal;

import org.jspecify.annotations.NullMarked;
