/** Tests of the read path, with the requests it makes counted. */
@NullMarked
package io.kafscale.log.read;

import org.jspecify.annotations.NullMarked;
