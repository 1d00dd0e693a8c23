/** The seams. */
@NullMarked
package io.kafscale.runtime;

import org.jspecify.annotations.NullMarked;
