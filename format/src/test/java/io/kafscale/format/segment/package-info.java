/** Tests of the segment format. */
@NullMarked
package io.kafscale.format.segment;

import org.jspecify.annotations.NullMarked;
