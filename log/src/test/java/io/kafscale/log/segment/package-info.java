/** Tests of segments in the background: writing, cataloguing, mending, deleting. */
@NullMarked
package io.kafscale.log.segment;

import org.jspecify.annotations.NullMarked;
